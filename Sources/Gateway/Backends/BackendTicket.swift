import QuotaModel

/// What a request keeps of its backend until it ends.
package struct BackendTicket: Hashable, Sendable {
    /// The backend's index.
    package let index: Int
    let breaker: CircuitBreaker.Ticket
    let beganAt: Timestamp

    /// Whether a backend is tried with it; see ``BackendPool/answered(_:)``.
    package var isTrial: Bool { breaker.isTrial }
}
