import NIOCore

/// What one connection waits for, and until when: decides, and does nothing itself.
///
/// A deadline runs only while the client keeps us waiting: for the next request and for its head
/// while no answer is owed, for the body while no earlier answer is owed. It starts once and no
/// byte extends it. A client that waits for us has no deadline, however long we take.
///
/// A refusal is an answer and keeps its place: it is given after the answers to the requests
/// before it, and not at all where the answer to its request has begun.
struct ConnectionState {
    /// What the driver has to do.
    enum Action: Equatable {
        case none
        /// Tell the client to send its body.
        case sendContinue
        /// Write this answer, then say goodbye.
        case refuse(Refusal)
        /// Send no more, and wait for the other end to close.
        case sayGoodbye
        /// Close at once.
        case close
    }

    /// What a deadline is for.
    enum Wait: Hashable {
        case head
        case body
        case goodbye
        /// For another request.
        case idle
    }

    /// When which wait ends.
    struct Deadline: Equatable {
        let wait: Wait
        let time: NIODeadline
    }

    private enum Reading {
        /// Nothing of the first request has come.
        case opening
        /// Nothing of the next request has come.
        case nothing
        case head
        case body
    }

    private enum Phase {
        case serving
        /// A refusal waits until the earlier requests are answered; nothing is read meanwhile.
        case refusing(Refusal)
        case goodbye
        case over
    }

    private let limits: ListenerLimits
    private var phase = Phase.serving
    private var reading = Reading.opening
    /// Heads that have come so far.
    private var requests = 0
    /// Requests whose head has come and whose answer has not ended; the one being read is the last.
    private var unanswered = 0
    private var isAnswerStarted = false
    /// The answer that is being written ends only when one of both goes.
    private var isAnswerEndless = false
    private var isInputClosed = false
    private var isLastRequest = false
    private var owesContinue = false
    /// When the current wait ends; nil when nothing is waited for.
    private(set) var deadline: Deadline?
    /// The request that the deadline belongs to.
    private var deadlineRequest = 0

    init(limits: ListenerLimits) {
        self.limits = limits
    }

    /// Whether answers of the routes may still be written.
    var takesAnswers: Bool {
        switch phase {
        case .serving, .refusing: true
        case .goodbye, .over: false
        }
    }

    /// Whether parts of requests are still passed on.
    var takesRequests: Bool {
        if case .serving = phase { return true }
        return false
    }

    /// Whether we only wait for the other end to close.
    var isGoodbye: Bool {
        if case .goodbye = phase { return true }
        return false
    }

    /// Whether a request was begun and not read to its end.
    var isMidBody: Bool { reading == .body }

    /// Whether the answer to come, or that comes, is the connection's last.
    var isLastAnswer: Bool { isLastRequest && unanswered <= 1 }

    /// The connection is open.
    mutating func opened(now: NIODeadline) {
        update(now)
    }

    /// Bytes have come, and are not decoded yet.
    ///
    /// - Parameters:
    ///   - areBlank: whether they are line ends only, which may stand before a request.
    ///   - now: the time.
    /// - Returns: false when nobody wants them.
    mutating func received(areBlank: Bool, now: NIODeadline) -> Bool {
        guard takesRequests, !isLastRequest || reading == .body else { return false }
        if !areBlank, reading == .opening || reading == .nothing { reading = .head }
        update(now)
        return true
    }

    /// The head of a request has come whole.
    mutating func headEnded(
        isLast: Bool,
        expectsContinue: Bool,
        now: NIODeadline
    ) -> Action {
        requests += 1
        unanswered += 1
        reading = .body
        isLastRequest = isLast
        owesContinue = expectsContinue
        update(now)
        return continueIfDue()
    }

    /// Something of the body has come.
    mutating func bodyReceived() {
        owesContinue = false
    }

    /// The body has come whole, or there is none.
    mutating func requestEnded(now: NIODeadline) -> Action {
        reading = .nothing
        owesContinue = false
        return settle(now)
    }

    /// The final head of the oldest answer is written.
    ///
    /// - Parameters:
    ///   - isEndless: whether the answer ends only when one of both goes. Who sends no more has
    ///     left then: nothing else would show it before something is written in vain.
    ///   - now: the time.
    /// - Returns: what to do.
    mutating func answerStarted(isEndless: Bool = false, now: NIODeadline) -> Action {
        isAnswerStarted = true
        isAnswerEndless = isEndless
        if unanswered == 1 { owesContinue = false }
        return isEndless && isInputClosed ? close(now) : .none
    }

    /// The oldest answer is written.
    mutating func answerEnded(now: NIODeadline) -> Action {
        (isAnswerStarted, isAnswerEndless) = (false, false)
        unanswered = max(0, unanswered - 1)
        if case .refusing(let refusal) = phase { return refuse(refusal, now: now) }
        return settle(now)
    }

    /// What comes can't be read, or may not be answered.
    mutating func refuse(_ refusal: Refusal, now: NIODeadline) -> Action {
        // What follows a last request is nobody's.
        guard takesAnswers, !isLastRequest || reading == .body else { return .none }
        let own = reading == .body ? 1 : 0
        if unanswered > own {
            phase = .refusing(refusal)
            update(now)
            return .none
        }
        if own == 1, unanswered == 0 || isAnswerStarted { return close(now) }
        phase = .goodbye
        update(now)
        return .refuse(refusal)
    }

    /// The other end sends no more.
    mutating func inputClosed(now: NIODeadline) -> Action {
        isInputClosed = true
        return isGoodbye || isAnswerEndless ? close(now) : .none
    }

    /// A timer has gone off, which may be an old one.
    mutating func timerFired(now: NIODeadline) -> Action {
        guard let deadline, deadline.time <= now else { return .none }
        switch deadline.wait {
        case .goodbye: return close(now)
        // Nobody has asked: there is nobody to answer.
        case .head where reading == .opening: return close(now)
        case .idle: return close(now)
        case .head: return refuse(.headerTimeout, now: now)
        case .body: return refuse(.bodyTimeout, now: now)
        }
    }

    private mutating func settle(_ now: NIODeadline) -> Action {
        if takesRequests, isLastRequest, reading != .body, unanswered == 0 {
            phase = .goodbye
            update(now)
            return .sayGoodbye
        }
        update(now)
        return continueIfDue()
    }

    private mutating func close(_ now: NIODeadline) -> Action {
        phase = .over
        update(now)
        return .close
    }

    private mutating func continueIfDue() -> Action {
        guard owesContinue, takesRequests, unanswered == 1, !isAnswerStarted else { return .none }
        owesContinue = false
        return .sendContinue
    }

    private var wait: Wait? {
        switch phase {
        case .over, .refusing: return nil
        case .goodbye: return .goodbye
        case .serving: break
        }
        switch reading {
        case .opening, .head: return unanswered == 0 ? .head : nil
        case .body: return unanswered <= 1 ? .body : nil
        case .nothing: return unanswered == 0 ? .idle : nil
        }
    }

    private mutating func update(_ now: NIODeadline) {
        guard let wait else {
            deadline = nil
            return
        }
        if deadline?.wait == wait, deadlineRequest == requests { return }
        let length =
            switch wait {
            case .head: limits.headerTimeout
            case .body: limits.bodyTimeout
            case .goodbye: limits.goodbyeTimeout
            case .idle: limits.idleTimeout
            }
        deadline = Deadline(wait: wait, time: now + length)
        deadlineRequest = requests
    }
}
