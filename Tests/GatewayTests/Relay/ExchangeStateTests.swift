import Testing

@testable import Gateway

@Suite("the life of an exchange")
struct ExchangeStateTests {
    typealias State = ExchangeState

    /// A state with the request on its way to the backend.
    private func waiting(_ rules: State.Rules = .init()) -> State {
        var state = State(rules: rules)
        _ = state.admitted()
        state.sent()
        return state
    }

    private func relaying(_ rules: State.Rules = .init()) -> State {
        var state = waiting(rules)
        state.answerBegun(isStream: true)
        return state
    }

    @Test("an answer that comes to its end is settled once")
    func completes() {
        for isStream in [false, true] {
            var state = waiting()
            state.answerBegun(isStream: isStream)
            let action = state.answerEnded()
            #expect(action == .finish(.settle(.completed), nil))
            #expect(!state.holds)
            let again = state.answerEnded()
            #expect(again == .none)
            let left = state.callerLeft()
            #expect(left == .none)
            let failed = state.failed(.broken(""), mayRetry: { true })
            #expect(failed == .none)
            let late = state.timedOut(.timedOut)
            #expect(late == .none)
        }
    }

    @Test(
        "a failure before the answer is retried where another backend may do better",
        arguments: [
            (UpstreamFailure.unreachable(""), State.HoldEnd.void, true),
            (.stale, .void, true),
            (.broken(""), .settle(.failed), true),
            (.status(503, retryAfterSeconds: nil), .void, true),
            (.status(429, retryAfterSeconds: 3), .void, true),
            (.status(500, retryAfterSeconds: nil), .settle(.failed), true),
            (.status(401, retryAfterSeconds: nil), .void, true),
            (.status(400, retryAfterSeconds: nil), .void, false),
            (.status(404, retryAfterSeconds: nil), .void, false),
            (.timedOut, .settle(.timedOut), false),
            (.garbage(""), .settle(.garbage), false),
        ])
    func retries(failure: UpstreamFailure, end: State.HoldEnd, isRetried: Bool) {
        var state = waiting()
        let action = state.failed(failure, mayRetry: { true })
        #expect(action == (isRetried ? .retry(end) : .refuse(end, failure)))
        #expect(!state.holds)
        var other = waiting()
        let withoutBudget = other.failed(failure, mayRetry: { false })
        #expect(withoutBudget == .refuse(end, failure))
    }

    @Test("there are so many retries and no more, each with a hold of its own")
    func retriesEnd() {
        var state = State(rules: .init(maximumRetries: 2))
        for attempt in 1...3 {
            let admitted = state.admitted()
            #expect(admitted == .none)
            #expect(state.attempts == attempt)
            state.sent()
            let action = state.failed(.broken(""), mayRetry: { true })
            #expect(
                action
                    == (attempt < 3
                        ? .retry(.settle(.failed)) : .refuse(.settle(.failed), .broken(""))))
        }
    }

    @Test("nothing was sent while there is no connection: everything goes back")
    func connecting() {
        var state = State(rules: .init())
        _ = state.admitted()
        let action = state.failed(.timedOut, mayRetry: { true })
        #expect(action == .refuse(.void, .timedOut))
    }

    @Test("what was passed on is never tried again")
    func failsMidStream() {
        var state = relaying()
        let action = state.failed(.broken(""), mayRetry: { true })
        #expect(action == .finish(.settle(.failed), .broken("")))
    }

    @Test("a caller who leaves ends the hold at once, wherever that is")
    func callerLeaves() {
        var admitting = State(rules: .init())
        let early = admitting.callerLeft()
        #expect(early == .none)
        let admitted = admitting.admitted()
        #expect(admitted == .conclude(.void), "what was held meanwhile goes back")

        var connecting = State(rules: .init())
        _ = connecting.admitted()
        let connectingLeft = connecting.callerLeft()
        #expect(connectingLeft == .conclude(.void))

        var sent = waiting()
        let sentLeft = sent.callerLeft()
        #expect(sentLeft == .conclude(.settle(.cancelled)))

        var streaming = relaying()
        let streamingLeft = streaming.callerLeft()
        #expect(streamingLeft == .conclude(.settle(.cancelled)))
        let twice = streaming.callerLeft()
        #expect(twice == .none)
    }

    @Test("where answers are drained, the hold ends with the answer, a failure or the time")
    func drains() {
        let rules = State.Rules(drains: true)
        let ends: [(inout State) -> State.Action] = [
            { $0.answerEnded() }, { $0.failed(.broken(""), mayRetry: { true }) },
            { $0.timedOut(.timedOut) },
        ]
        for end in ends {
            var state = relaying(rules)
            let left = state.callerLeft()
            #expect(left == .drain)
            #expect(state.holds)
            let action = end(&state)
            #expect(action == .conclude(.settle(.cancelled)))
            let again = end(&state)
            #expect(again == .none)
        }
    }

    @Test("a stream whose units are used up is ended and settled")
    func exhausts() {
        var state = relaying()
        let action = state.exhausted()
        #expect(action == .finish(.settle(.exhausted), nil))
        var collecting = waiting()
        collecting.answerBegun(isStream: false)
        let none = collecting.exhausted()
        #expect(none == .none)
    }

    @Test("whatever happens in whatever order, each hold ends exactly once")
    func everyOrder() {
        /// What can happen to an exchange that holds units.
        let events: [(String, (inout State) -> State.Action)] = [
            (
                "sent",
                { state in
                    if state.phase == .connecting { state.sent() }
                    return .none
                }
            ),
            (
                "head",
                { state in
                    if state.phase == .waiting { state.answerBegun(isStream: true) }
                    return .none
                }
            ),
            ("ended", { $0.answerEnded() }),
            ("failed", { $0.failed(.broken(""), mayRetry: { true }) }),
            ("left", { $0.callerLeft() }),
            ("late", { $0.timedOut(.timedOut) }),
            ("exhausted", { $0.exhausted() }),
        ]
        for drains in [false, true] {
            var orders: [[Int]] = [[]]
            for _ in 0..<5 {
                orders = orders.flatMap { order in events.indices.map { order + [$0] } }
            }
            for order in orders {
                var state = State(rules: .init(maximumRetries: 1, drains: drains))
                var (holds, ends) = (0, 0)
                func note(_ action: State.Action) {
                    switch action {
                    case .none, .drain: break
                    case .retry, .refuse, .finish, .conclude: ends += 1
                    }
                }
                note(state.admitted())
                holds += 1
                for index in order {
                    let action = events[index].1(&state)
                    note(action)
                    if case .retry = action {
                        note(state.admitted())
                        holds += 1
                    }
                }
                #expect(
                    holds - ends == (state.holds ? 1 : 0),
                    "\(order.map { events[$0].0 }), drains: \(drains)")
            }
        }
    }
}
