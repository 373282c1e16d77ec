extension BackendOutcome {
    /// What the end of an attempt says of its backend.
    init(_ end: ExchangeState.HoldEnd, _ failure: UpstreamFailure?) {
        switch failure {
        case nil:
            self = end == .settle(.completed) ? .success : .cancelled
        // Of a connection that had lain idle, its end says nothing.
        case .noneFree, .stale: self = .cancelled
        // What a caller can bring about must not close a backend to others.
        case .outOfTime, .overrun: self = .cancelled
        case .unreachable: self = .failure(.connection)
        case .broken, .reported: self = .failure(.brokenOff)
        case .timedOut: self = .failure(.timeout)
        case .garbage: self = .failure(.garbage)
        case .status(let status, let seconds):
            if status == 429 || status == 503 {
                // A wait that nobody could want is cut to a day, so that it can be counted.
                self = .overloaded(
                    retryAfterNanoseconds: seconds.map { min(max(0, $0), 86_400) * 1_000_000_000 })
            } else if status >= 500 || status == 401 || status == 403 {
                self = .failure(.status)
            } else {
                self = .success
            }
        }
    }

    /// How the metrics call it.
    var name: String {
        switch self {
        case .success: "success"
        case .failure(let failure): failure.rawValue
        case .overloaded: "overloaded"
        case .cancelled: "cancelled"
        }
    }
}
