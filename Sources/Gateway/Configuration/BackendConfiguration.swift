/// One inference server that a model's requests may go to.
package struct BackendConfiguration: Hashable, Sendable {
    /// Which language it speaks.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// OpenAI's, as vLLM and most others do.
        case openai
        /// That of Triton's generate extension.
        case triton
    }

    /// The range of `max_concurrent`.
    package static let concurrencyRange = 1...100_000
    /// The range of `weight`.
    package static let weightRange = 1...1_000

    /// Where it is.
    package var address: BackendAddress
    /// Which language it speaks.
    package var kind: Kind
    /// What it calls the model.
    package var model: String
    /// The environment variable that its credential is in.
    package var apiKeyEnvironment: String?
    /// Its credential; nil where it wants none.
    package var apiKey: HiddenText?
    /// How many requests it takes at a time.
    package var maximumConcurrent: Int
    /// Its share, under ``RoutingStrategy/weighted``.
    package var weight: Int
    /// What is charged for what it generates: its own price, or the model's.
    package var pricing: ModelPricing
    /// Whether the price is its own.
    package var hasOwnPrice: Bool

    /// Creates the configuration of a backend.
    package init(
        address: BackendAddress,
        kind: Kind = .openai,
        model: String,
        apiKeyEnvironment: String? = nil,
        apiKey: HiddenText? = nil,
        maximumConcurrent: Int = 64,
        weight: Int = 1,
        pricing: ModelPricing,
        hasOwnPrice: Bool = false
    ) {
        self.address = address
        self.kind = kind
        self.model = model
        self.apiKeyEnvironment = apiKeyEnvironment
        self.apiKey = apiKey
        self.maximumConcurrent = maximumConcurrent
        self.weight = weight
        self.pricing = pricing
        self.hasOwnPrice = hasOwnPrice
    }

    /// What a pool needs to know of it.
    package var traits: BackendState.Traits {
        BackendState.Traits(
            maximumConcurrent: maximumConcurrent, weight: weight,
            cost: pricing.price?.blended ?? 0)
    }
}
