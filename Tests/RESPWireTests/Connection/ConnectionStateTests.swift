import NIOCore
@testable import RESPWire
import Testing

/// The state alone; time is advanced by hand.
@Suite struct ConnectionStateTests {
    struct TestCall: PendingCall, Equatable {
        let id: UInt64
        let deadline: NIODeadline
    }

    /// The state behind a reference, as what is expected may not change a value.
    private final class State {
        typealias Receipt = ConnectionState<TestCall>.Receipt

        private var state: ConnectionState<TestCall>

        init(most: Int, isSubscriber: Bool = false) {
            state = ConnectionState(
                handshake: Handshake(endpoint: RESPEndpoint(host: "h", port: 1)),
                maximumCallsInFlight: most, stallTimeout: .seconds(1), isSubscriber: isSubscriber)
        }

        var callsInFlight: Int { state.callsInFlight }
        var nextWake: NIODeadline? { state.nextWake }

        func connected() -> RESPCommand? { state.connected() }

        @discardableResult
        func send(_ call: TestCall, now: NIODeadline) -> Bool {
            state.send(call, now: now)
        }

        @discardableResult
        func sendUnheard(now: NIODeadline) -> Bool { state.sendUnheard(now: now) }

        func flushed() { state.flushed() }

        func received(_ value: RESPValue) -> Receipt { state.received(value) }

        func timePassed(now: NIODeadline) -> ConnectionState<TestCall>.Passing {
            state.timePassed(now: now)
        }

        func cancel(_ id: UInt64) -> [TestCall] { state.cancel(id) }

        func close() -> ConnectionState<TestCall>.Leftovers { state.close() }
    }

    private func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
    }

    private func call(_ id: UInt64, by milliseconds: Int64 = 100) -> TestCall {
        TestCall(id: id, deadline: at(milliseconds))
    }

    private func active(most: Int = 10, isSubscriber: Bool = false) -> State {
        let state = State(most: most, isSubscriber: isSubscriber)
        _ = state.received(.map([]))
        _ = state.received(.text(""))
        return state
    }

    private func answered(_ receipt: State.Receipt) -> UInt64? {
        if case .answer(let call, _) = receipt { call.id } else { nil }
    }

    private func isDropped(_ receipt: State.Receipt) -> Bool {
        if case .dropped = receipt { true } else { false }
    }

    @Test("nothing is sent before the handshake is over, or after the end")
    func phases() {
        let state = State(most: 1)
        #expect(state.connected() != nil)
        #expect(!state.send(call(1), now: at(0)))
        _ = state.received(.map([]))
        guard case .ready = state.received(.text("")) else {
            Issue.record("not ready")
            return
        }
        #expect(state.send(call(1), now: at(0)))
        #expect(!state.send(call(2), now: at(0)))
        _ = state.close()
        #expect(!state.send(call(3), now: at(0)))
        #expect(state.connected() == nil)
    }

    @Test("replies are given to calls in their order")
    func order() {
        let state = active()
        for id in 1...3 as ClosedRange<UInt64> { _ = state.send(call(id), now: at(0)) }
        #expect((0..<3).map { _ in answered(state.received(.null)) } == [1, 2, 3])
        #expect(state.callsInFlight == 0)
        #expect(state.nextWake == nil)
    }

    @Test("a late call fails at once, and its reply is dropped in its place")
    func late() {
        let state = active()
        _ = state.send(call(1, by: 20), now: at(0))
        _ = state.send(call(2, by: 500), now: at(0))
        #expect(state.nextWake == at(20))
        #expect(state.timePassed(now: at(19)).late.isEmpty)
        #expect(state.timePassed(now: at(20)).late == [call(1, by: 20)])
        #expect(state.timePassed(now: at(21)).late.isEmpty)
        #expect(state.nextWake == at(500))
        #expect(isDropped(state.received(.integer(1))))
        #expect(answered(state.received(.integer(2))) == 2)
    }

    @Test("the place of a late call counts against the bound")
    func bound() {
        let state = active(most: 2)
        _ = state.send(call(1, by: 1), now: at(0))
        _ = state.send(call(2, by: 1), now: at(0))
        #expect(state.timePassed(now: at(1)).late.count == 2)
        #expect(!state.send(call(3), now: at(2)))
        _ = state.received(.null)
        #expect(state.send(call(3), now: at(3)))
    }

    @Test("a connection stalls by its oldest unanswered call, late or not")
    func stall() {
        let state = active()
        _ = state.send(call(1, by: 10), now: at(0))
        _ = state.send(call(2, by: 9_000), now: at(600))
        _ = state.timePassed(now: at(10))
        #expect(state.nextWake == at(1_000))
        #expect(!state.timePassed(now: at(999)).isStalled)
        #expect(state.timePassed(now: at(1_000)).isStalled)
        _ = state.received(.null)
        #expect(!state.timePassed(now: at(1_000)).isStalled)
        #expect(state.nextWake == at(1_600))
    }

    @Test("a command nobody listens to takes a place, and its reply is dropped")
    func unheard() {
        let state = active()
        state.sendUnheard(now: at(0))
        _ = state.send(call(1), now: at(0))
        #expect(isDropped(state.received(.simple("OK"))))
        #expect(answered(state.received(.null)) == 1)
        let full = active(most: 1)
        #expect(!full.sendUnheard(now: at(0)), "the command that follows would have no place")
    }

    @Test("a cancelled call keeps its place")
    func cancellation() {
        let state = active()
        _ = state.send(call(1), now: at(0))
        _ = state.send(call(2), now: at(0))
        #expect(state.cancel(1) == [call(1)])
        #expect(state.cancel(1).isEmpty)
        #expect(isDropped(state.received(.null)))
        #expect(answered(state.received(.null)) == 2)
    }

    @Test("what was flushed has an unknown outcome at the end, what was not was not sent")
    func ending() {
        let state = active()
        _ = state.send(call(1), now: at(0))
        _ = state.send(call(2), now: at(0))
        state.flushed()
        _ = state.send(call(3), now: at(0))
        _ = state.received(.null)
        let leftovers = state.close()
        #expect(leftovers.written.map(\.id) == [2])
        #expect(leftovers.unwritten.map(\.id) == [3])
        let again = state.close()
        #expect(again.written.isEmpty && again.unwritten.isEmpty)
        #expect(isDropped(state.received(.null)))
    }

    @Test("a push is never taken for a reply")
    func pushes() {
        let state = active()
        _ = state.send(call(1), now: at(0))
        guard case .push(let items) = state.received(.push([.text("invalidate")])) else {
            Issue.record("not a push")
            return
        }
        #expect(items == [.text("invalidate")])
        #expect(answered(state.received(.null)) == 1)
    }

    @Test("messages of RESP2 are told from replies on a connection that is subscribed")
    func messages() {
        let message = RESPValue.array([.text("message"), .text("c"), .text("x")])
        let subscriber = active(isSubscriber: true)
        _ = subscriber.send(call(1), now: at(0))
        guard case .push = subscriber.received(message) else {
            Issue.record("not a message")
            return
        }
        #expect(answered(subscriber.received(.array([.text("pong"), .text("")]))) == 1)
        let other = active()
        _ = other.send(call(1), now: at(0))
        #expect(answered(other.received(message)) == 1)
    }

    @Test("an answer to no question ends the connection")
    func unasked() {
        let state = active()
        guard case .close(let cause) = state.received(.error(.init(line: "ERR too many"))) else {
            Issue.record("not closed")
            return
        }
        #expect(cause.message.contains("ERR too many"))
    }

    @Test("the order holds under random events, as a list of calls says")
    func randomly() {
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let state = active(most: 16)
            // The oracle: ids in the order of sending, nil once given up.
            var expected: [UInt64?] = []
            var deadlines: [UInt64: Int64] = [:]
            var now: Int64 = 0
            for id in 0..<200 as Range<UInt64> {
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1:
                    let deadline = now + .random(in: 1...30, using: &random)
                    let sent = state.send(call(id, by: deadline), now: at(now))
                    #expect(sent == (expected.count < 16))
                    if sent {
                        expected.append(id)
                        deadlines[id] = deadline
                    }
                case 2 where !expected.isEmpty:
                    #expect(
                        answered(state.received(.null)) == expected.removeFirst(),
                        "seed \(seed), round \(round)")
                case 3:
                    now += .random(in: 0...15, using: &random)
                    let late = state.timePassed(now: at(now)).late.map(\.id)
                    let due = expected.compactMap { $0 }.filter { deadlines[$0] ?? 0 <= now }
                    #expect(late == due, "seed \(seed), round \(round)")
                    expected = expected.map { $0.flatMap { due.contains($0) ? nil : $0 } }
                default:
                    guard let victim = expected.compactMap({ $0 }).randomElement(using: &random)
                    else { continue }
                    #expect(state.cancel(victim).map(\.id) == [victim])
                    expected = expected.map { $0 == victim ? nil : $0 }
                }
            }
            #expect(state.close().unwritten.map(\.id) == expected.compactMap { $0 })
        }
    }
}
