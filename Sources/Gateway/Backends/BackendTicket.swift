import QuotaModel

/// What a request keeps of its backend until it ends.
package struct BackendTicket: Hashable, Sendable {
    /// The backend's index.
    package let index: Int
    let breaker: CircuitBreaker.Ticket
    let beganAt: Timestamp
}
