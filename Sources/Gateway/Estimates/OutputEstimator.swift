import QuotaEngine
package import QuotaModel

/// How many tokens a model will generate for a tenant, told from what it generated before.
///
/// It follows a quantile of each (tenant, model), so that a small budget is not locked out by a
/// large `max_tokens`. What is not known of a tenant is taken from the model's other tenants, and
/// what is not known of the model is ``firstTokens``.
package struct OutputEstimator: Sendable {
    /// What a model is taken to generate before anything is known of it.
    package static let firstTokens: Int64 = 256
    /// How many pairs of tenant and model are remembered, unless said otherwise.
    package static let mostPairs = 65_536

    private struct Pair: Hashable {
        let tenant: TenantID
        let model: Int
    }

    private let quantile: Double
    private var models: [RunningQuantile]
    private var pairs: GenerationCache<Pair, RunningQuantile>

    /// Creates an estimator.
    ///
    /// - Parameters:
    ///   - models: how many there are; they are known by their index from now on.
    ///   - quantile: the share of requests that the estimate is to cover, 0.5 to 0.99.
    ///   - maximumPairs: how many pairs of tenant and model are remembered.
    package init(models: Int, quantile: Double = 0.9, maximumPairs: Int = mostPairs) {
        self.quantile = min(max(quantile, 0.5), 0.99)
        let first = RunningQuantile(from: Double(Self.firstTokens))
        self.models = Array(repeating: first, count: max(0, models))
        pairs = GenerationCache(maximumCount: maximumPairs)
    }

    /// How many pairs of tenant and model are remembered.
    package var pairCount: Int { pairs.count }

    /// How many tokens a request will generate, in all its choices together: at least 1.
    ///
    /// - Parameters:
    ///   - tenant: whose request it is.
    ///   - model: the model's index.
    ///   - choices: how many answers are asked for (`n`).
    ///   - maximumTokens: how long an answer may become (`max_tokens`); nil where nothing is said.
    /// - Returns: the estimate, never more than all choices may have.
    package mutating func estimate(
        tenant: TenantID,
        model: Int,
        choices: Int64 = 1,
        maximumTokens: Int64?
    ) -> Int64 {
        let known = pairs.value(Pair(tenant: tenant, model: model))?.value ?? general(model)
        let each = min(Int64(known.rounded(.up)), maximumTokens ?? .max)
        let (all, overflow) = max(1, each).multipliedReportingOverflow(by: max(1, choices))
        return overflow ? Amount.maximum : min(all, Amount.maximum)
    }

    /// Learns what a request generated in all its choices together.
    package mutating func observe(
        tokens: Int64,
        tenant: TenantID,
        model: Int,
        choices: Int64 = 1
    ) {
        guard models.indices.contains(model), tokens >= 0 else { return }
        let each = Double(tokens) / Double(max(1, choices))
        let pair = Pair(tenant: tenant, model: model)
        var known = pairs.value(pair) ?? RunningQuantile(from: models[model].value)
        known.observe(each, quantile: quantile)
        pairs.put(known, pair)
        models[model].observe(each, quantile: quantile)
    }

    private func general(_ model: Int) -> Double {
        models.indices.contains(model) ? models[model].value : Double(Self.firstTokens)
    }
}
