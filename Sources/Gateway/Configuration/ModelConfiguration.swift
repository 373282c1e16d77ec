package import QuotaModel

/// One model that callers may ask for.
package struct ModelConfiguration: Hashable, Sendable {
    /// Its name, as callers write it.
    package var name: ModelName
    /// What its tokens cost, where the backend has no price of its own.
    package var pricing: ModelPricing
    /// How one of its backends is chosen.
    package var strategy: RoutingStrategy
    /// The most tokens a request may ask for, all choices together; nil for the gateway's.
    package var maximumOutputTokens: Int64?
    /// Its backends, at least one and at most ``BackendPool/mostBackends``.
    package var backends: [BackendConfiguration]

    /// Creates the configuration of a model.
    package init(
        name: ModelName,
        pricing: ModelPricing,
        strategy: RoutingStrategy = .leastOutstanding,
        maximumOutputTokens: Int64? = nil,
        backends: [BackendConfiguration]
    ) {
        self.name = name
        self.pricing = pricing
        self.strategy = strategy
        self.maximumOutputTokens = maximumOutputTokens
        self.backends = backends
    }

    /// The pool of its backends, all taken to be well.
    package func pool() -> BackendPool {
        BackendPool(backends.map(\.traits), strategy: strategy)
    }
}
