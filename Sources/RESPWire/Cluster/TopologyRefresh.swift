internal import NIOCore

/// When a client asks for the topology again: one question at a time, and not too often.
struct TopologyRefresh {
    /// What a request for a refresh leads to.
    enum Decision: Equatable {
        /// A question is under way, or is going to be asked.
        case nothing
        case ask(at: NIODeadline)
    }

    private enum State {
        case idle
        case scheduled
        case asking
    }

    static let waits = Backoff.Bounds(first: .milliseconds(50), cap: .seconds(1))
    /// Between two questions.
    static let leastInterval = TimeAmount.milliseconds(50)

    private var state = State.idle
    private var lastAsked = NIODeadline.uptimeNanoseconds(0)
    private var backoff = Backoff(Self.waits)
    /// Why the last question had no answer; nil before the first, and after an answer.
    var lastCause: RESPError?

    /// Whether a question is to be asked at a time.
    var isScheduled: Bool { state == .scheduled }
    /// Whether an answer is awaited.
    var isAsking: Bool { state == .asking }

    /// Somebody thinks that the topology has changed.
    mutating func request(now: NIODeadline) -> Decision {
        guard case .idle = state else { return .nothing }
        state = .scheduled
        return .ask(at: max(now, lastAsked + Self.leastInterval))
    }

    /// The question is asked now.
    mutating func asked(now: NIODeadline) {
        state = .asking
        lastAsked = now
    }

    /// There is an answer.
    mutating func answered() {
        state = .idle
        lastCause = nil
        backoff.reset()
    }

    /// There is none; gives when to ask again.
    mutating func failed(_ cause: RESPError, now: NIODeadline, random: Double) -> NIODeadline {
        state = .scheduled
        lastCause = cause
        return now + TimeAmount(backoff.next(random: random))
    }
}
