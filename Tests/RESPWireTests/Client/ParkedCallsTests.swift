import NIOCore
@testable import RESPWire
import Testing

@Suite struct ParkedCallsTests {
    struct TestCall: PendingCall, Equatable {
        let id: UInt64
        let deadline: NIODeadline
    }

    private func call(_ id: UInt64, by milliseconds: Int64) -> TestCall {
        TestCall(id: id, deadline: at(milliseconds))
    }

    private func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .milliseconds(milliseconds)
    }

    @Test("calls are late by their deadlines, and due by their times")
    func times() {
        var parked = ParkedCalls<TestCall>(capacity: 4)
        #expect(parked.nextWake == nil)
        _ = parked.wait(call(1, by: 50))
        _ = parked.retry(call(2, by: 80), at: at(10))
        _ = parked.retry(call(3, by: 20), at: at(30))
        #expect(parked.nextWake == at(10))
        var (late, due) = parked.timePassed(now: at(10))
        #expect(late.isEmpty && due.map(\.id) == [2])
        #expect(parked.nextWake == at(20))
        (late, due) = parked.timePassed(now: at(60))
        #expect(late.map(\.id) == [1, 3] && due.isEmpty)
        #expect(parked.count == 0)
    }

    @Test("only so many wait, and they can be cancelled")
    func bounds() {
        var parked = ParkedCalls<TestCall>(capacity: 2)
        _ = parked.wait(call(1, by: 50))
        _ = parked.retry(call(2, by: 50), at: at(10))
        let third = parked.wait(call(3, by: 50))
        let fourth = parked.retry(call(4, by: 50), at: at(10))
        #expect(!third && !fourth)
        let cancelled = parked.cancel(2)
        #expect(cancelled.map(\.id) == [2])
        let waiting = parked.takeWaiting()
        #expect(waiting.map(\.id) == [1])
        let rest = parked.removeAll()
        #expect(rest.isEmpty)
    }
}
