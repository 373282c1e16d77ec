/// How a request ended, as far as its backend is concerned.
package enum BackendOutcome: Hashable, Sendable {
    /// It was answered, be it that the request was a bad one.
    case success
    /// It failed.
    case failure(BackendFailure)
    /// The backend has too much to do (429 or 503), and said for how long, or not.
    case overloaded(retryAfterNanoseconds: Int64?)
    /// The caller left, or Weir ended it: nothing can be said of the backend.
    case cancelled

    /// What it says to the breaker.
    var result: CircuitBreaker.Result {
        switch self {
        case .success: .success
        case .failure: .failure
        case .overloaded, .cancelled: .nothing
        }
    }
}

/// What went wrong with a backend.
package enum BackendFailure: String, CaseIterable, Hashable, Sendable {
    /// No connection, or it was lost before an answer.
    case connection
    /// No answer, or no more of it, in time.
    case timeout
    /// It said so itself: a status of 500 and above.
    case status
    /// What it sent is no answer.
    case garbage
    /// Its answer broke off, or told of an error inside.
    case brokenOff = "broken_off"
}
