/// How far one request has come, and what follows from what happens to it: decides, and does
/// nothing itself.
///
/// Units are held from the admission on, and for each attempt at a backend anew: whatever happens,
/// each hold ends exactly once, by ``HoldEnd``.
struct ExchangeState {
    /// How far it has come.
    enum Phase: Hashable {
        /// Who asks, and whether they may, is being found out; nothing is held.
        case admitting
        /// Units are held; there is no connection yet, and nothing was sent.
        case connecting
        /// The request is sent.
        case waiting
        /// The answer comes, and is kept until it is whole.
        case collecting
        /// The answer comes, and is passed on.
        case relaying
        /// Nobody wants the answer any more, but for what it says of its use.
        case draining
        /// The hold is ended.
        case settling
        /// Everything is done.
        case over
    }

    /// How a hold ends.
    enum HoldEnd: Hashable {
        /// Nothing was executed: everything goes back.
        case void
        /// What was seen is booked.
        case settle(Outcome)
    }

    /// How a request came out, for the record.
    enum Outcome: String, Hashable, Sendable {
        /// The answer came to its end.
        case completed
        /// The caller left.
        case cancelled
        /// The tenant's units were used up while the answer came.
        case exhausted
        /// The backend failed, or its connection did.
        case failed
        /// The backend fell silent, or took too long.
        case timedOut = "timed_out"
        /// What the backend sent is no answer.
        case garbage
        /// More came than was asked for, or may be.
        case overrun
    }

    /// What has to be done next.
    enum Action: Hashable {
        /// Nothing.
        case none
        /// End the hold, then ask for another one and for another backend.
        case retry(HoldEnd)
        /// End the hold, then answer with an error.
        case refuse(HoldEnd, UpstreamFailure)
        /// End the hold, then end the answer that has begun: as it should, or with an error.
        case finish(HoldEnd, UpstreamFailure?)
        /// End the hold; there is nobody to answer.
        case conclude(HoldEnd)
        /// Go on reading, for the sake of what the answer says of its use.
        case drain
    }

    /// What the operator has decided.
    struct Rules: Sendable {
        /// How often a request is sent to another backend.
        var maximumRetries = 2
        /// Whether the answer is read to its end when the caller has left.
        var drains = false
    }

    private(set) var phase = Phase.admitting
    /// How many backends were tried.
    private(set) var attempts = 0
    private(set) var isCallerGone = false
    private var hasReconnected = false
    private let rules: Rules

    init(rules: Rules) {
        self.rules = rules
    }

    /// Whether units are held.
    var holds: Bool {
        switch phase {
        case .admitting, .settling, .over: false
        case .connecting, .waiting, .collecting, .relaying, .draining: true
        }
    }

    // MARK: Going on

    /// Units are held for an attempt.
    ///
    /// - Returns: what else has to be done: the caller may have left meanwhile.
    mutating func admitted() -> Action {
        assert(phase == .admitting, "units are held once for each attempt")
        attempts += 1
        hasReconnected = false
        if isCallerGone { return end(.void) }
        phase = .connecting
        return .none
    }

    /// The request was refused before anything was held.
    mutating func refused() {
        assert(phase == .admitting, "what is held is not refused")
        phase = .over
    }

    /// The request is on its way to the backend.
    mutating func sent() {
        assert(phase == .connecting, "a request is sent once for each attempt")
        phase = .waiting
    }

    /// The head of a good answer has come.
    ///
    /// - Parameter isStream: whether it is passed on as it comes.
    mutating func answerBegun(isStream: Bool) {
        assert(phase == .waiting, "an answer has one head")
        phase = isStream ? .relaying : .collecting
    }

    /// The answer is whole.
    mutating func answerEnded() -> Action {
        switch phase {
        case .collecting, .relaying:
            phase = .settling
            return .finish(.settle(.completed), nil)
        case .draining: return end(.settle(.cancelled))
        case .admitting, .connecting, .waiting, .settling, .over: return .none
        }
    }

    // MARK: Going wrong

    /// The attempt came to nothing, or to half an answer.
    ///
    /// - Parameters:
    ///   - failure: why.
    ///   - mayRetry: asked where another backend would be tried: whether there is one, and the
    ///     budget for it.
    /// - Returns: what has to be done next.
    mutating func failed(_ failure: UpstreamFailure, mayRetry: () -> Bool) -> Action {
        switch phase {
        case .admitting, .settling, .over: return .none
        case .draining:
            if failure.isSurelyNotExecuted { return end(.void) }
            return end(.settle(failure.isSaidByBackend ? failure.outcome : .cancelled))
        case .relaying:
            phase = .settling
            return .finish(.settle(failure.outcome), failure)
        case .connecting, .waiting, .collecting:
            let end =
                phase == .connecting || failure.isSurelyNotExecuted
                ? HoldEnd.void : .settle(failure.outcome)
            if phase != .collecting, failure.isRetried, attempts <= rules.maximumRetries, mayRetry()
            {
                phase = .admitting
                return .retry(end)
            }
            phase = .settling
            return .refuse(end, failure)
        }
    }

    /// The connection was an old one that the backend has closed: the same is sent again, by a new
    /// one.
    ///
    /// - Returns: false where that has been tried, or nobody waits for it.
    mutating func reconnects() -> Bool {
        guard phase == .waiting, !hasReconnected else { return false }
        hasReconnected = true
        phase = .connecting
        return true
    }

    /// The caller has left.
    mutating func callerLeft() -> Action {
        guard !isCallerGone else { return .none }
        isCallerGone = true
        switch phase {
        case .admitting, .settling, .over: return .none
        case .connecting: return end(.void)
        case .waiting, .collecting, .relaying:
            if rules.drains {
                phase = .draining
                return .drain
            }
            return end(.settle(.cancelled))
        case .draining: return .none
        }
    }

    /// The tenant's units are used up while the answer comes.
    mutating func exhausted() -> Action {
        guard phase == .relaying else { return .none }
        phase = .settling
        return .finish(.settle(.exhausted), nil)
    }

    /// The exchange has waited for too long.
    ///
    /// - Parameter failure: for what.
    /// - Returns: what has to be done next.
    mutating func timedOut(_ failure: UpstreamFailure) -> Action {
        failed(failure, mayRetry: { false })
    }

    /// The hold has ended, and everybody has their answer.
    mutating func settled() { phase = .over }

    private mutating func end(_ hold: HoldEnd) -> Action {
        phase = .settling
        return .conclude(hold)
    }
}

extension UpstreamFailure {
    /// Whether the backend can't have begun to work.
    var isSurelyNotExecuted: Bool {
        switch self {
        case .unreachable, .stale, .noneFree: true
        // It says that it has not: too many requests, no capacity, or a request that it refuses.
        case .status(let status, _): status == 503 || 400..<500 ~= status
        case .broken, .timedOut, .outOfTime, .overrun, .reported, .garbage: false
        }
    }

    /// Whether the backend says itself that nothing comes of the request.
    var isSaidByBackend: Bool {
        switch self {
        case .status, .reported: true
        default: false
        }
    }

    /// Whether another backend may do better.
    var isRetried: Bool {
        switch self {
        case .unreachable, .stale, .broken: true
        case .noneFree: false
        case .status(let status, _):
            status == 429 || status >= 500 || status == 401 || status == 403
        case .timedOut, .outOfTime, .overrun, .reported, .garbage: false
        }
    }

    /// How it is called in the record.
    var outcome: ExchangeState.Outcome {
        switch self {
        case .timedOut, .outOfTime: .timedOut
        case .garbage: .garbage
        case .overrun: .overrun
        case .unreachable, .stale, .broken, .reported, .status, .noneFree: .failed
        }
    }
}
