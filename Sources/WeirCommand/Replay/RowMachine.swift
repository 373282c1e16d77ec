import WeirClient

/// Takes one row through the server: reserve, then settle, each repeated until it is answered.
///
/// A repeat carries the same idempotency key, so it does not matter whether the request or its
/// answer was lost. The machine only decides; ``ReplayDriver`` sends, waits and holds the clock.
struct RowMachine {
    enum Action: Equatable {
        case reserve
        case settle(reservation: String)
        case wait(Duration)
        case finish(RowOutcome)
    }

    private enum State {
        case reserving
        case settling(reservation: String)
    }

    /// How long lost answers are asked for again, over both steps of the row.
    private let retryFor: Duration
    private var state = State.reserving
    private var backoff = Backoff()
    /// Requests beyond the first of each step.
    private(set) var retries = 0

    init(retryFor: Duration) {
        self.retryFor = retryFor
    }

    /// The request to send, at first and after each wait.
    func request() -> Action {
        switch state {
        case .reserving: .reserve
        case .settling(let reservation): .settle(reservation: reservation)
        }
    }

    /// Takes the reply to the request and says what to do next.
    ///
    /// `elapsed` counts since the row began; `jitter` is from 0 to 1.
    mutating func receive(_ reply: RowReply, elapsed: Duration, jitter: Double) -> Action {
        switch (state, reply) {
        case (.reserving, .reserved(let reservation)):
            state = .settling(reservation: reservation)
            backoff = Backoff()
            return request()
        case (.reserving, .refused(let limit, let reason)):
            return .finish(.refused(limit: limit, reason: reason))
        case (.reserving, .rejected(let why)):
            return .finish(.rejected("reserve: \(why)"))
        case (.settling, .settled):
            return .finish(.admitted)
        case (_, .tryAgain(let why)):
            guard elapsed < retryFor else { return .finish(.unknown("\(step): \(why)")) }
            retries += 1
            return .wait(backoff.next(jitter: jitter))
        case (.settling, .rejected(let why)):
            // Reserved but not to be settled: what the ledger holds now is not ours to know.
            return .finish(.unknown("settle: \(why)"))
        case (.reserving, .settled), (.settling, .reserved), (.settling, .refused):
            preconditionFailure("a reply to another request")
        }
    }

    private var step: String {
        switch state {
        case .reserving: "reserve"
        case .settling: "settle"
        }
    }
}
