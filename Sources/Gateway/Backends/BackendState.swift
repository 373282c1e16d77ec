package import QuotaModel

/// One backend of a model, as its pool sees it.
package struct BackendState: Sendable {
    /// What does not change about a backend.
    package struct Traits: Hashable, Sendable {
        /// How many requests it takes at a time.
        package let maximumConcurrent: Int
        /// Its share, relative to others; see ``RoutingStrategy/weighted``.
        package let weight: Int
        /// What ranks it by price; see ``ModelPrice/blended``.
        package let cost: Int64

        /// Creates traits; a backend takes at least one request at a time, and has some weight.
        package init(maximumConcurrent: Int, weight: Int = 1, cost: Int64 = 0) {
            self.maximumConcurrent = max(1, maximumConcurrent)
            self.weight = max(1, weight)
            self.cost = cost
        }
    }

    /// Its place among the model's backends.
    package let index: Int
    /// What does not change about it.
    package let traits: Traits
    /// How many requests are under way: from 0 to `traits.maximumConcurrent`.
    package internal(set) var outstanding = 0
    /// Whether it is well.
    package internal(set) var breaker: CircuitBreaker
    /// Until when it asked to be left alone.
    package internal(set) var asideUntil = Timestamp.distantPast
    /// How long its successful requests took lately, in nanoseconds, with weights that fade.
    package internal(set) var meanNanoseconds: Int64 = 1_000_000_000
    /// What it has saved up for its next turn, under ``RoutingStrategy/weighted``.
    var turn: Int64 = 0

    init(index: Int, traits: Traits, breaker: CircuitBreaker) {
        self.index = index
        self.traits = traits
        self.breaker = breaker
    }

    /// Whether it has room for one more request.
    var hasRoom: Bool { outstanding < traits.maximumConcurrent }
}
