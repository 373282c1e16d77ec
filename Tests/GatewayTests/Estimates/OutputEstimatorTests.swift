import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("estimates of output")
struct OutputEstimatorTests {
    private let tenant = TenantID(trusted: "a")
    private let other = TenantID(trusted: "b")

    @Test("what nothing is known of takes 256 tokens a choice, capped by max_tokens")
    func first() {
        var estimator = OutputEstimator(models: 1)
        let cases: [(choices: Int64, maximum: Int64?, expected: Int64)] = [
            (1, nil, 256), (1, 1_000_000, 256), (1, 256, 256), (1, 100, 100), (1, 1, 1),
            (1, 0, 1), (1, -7, 1), (4, nil, 1_024), (4, 100, 400), (0, nil, 256),
            (-3, nil, 256), (.max, nil, Amount.maximum), (.max, 1, Amount.maximum),
        ]
        for (choices, maximum, expected) in cases {
            let seen = estimator.estimate(
                tenant: tenant, model: 0, choices: choices, maximumTokens: maximum)
            #expect(seen == expected, "n \(choices), max_tokens \(String(describing: maximum))")
        }
    }

    /// Numbers of tokens as chats have them: many short, few long; the median is `median`.
    private func length(_ median: Double, _ random: inout SeededRandom) -> Int64 {
        // A sum of uniform numbers is nearly normal, with deviation 1.
        let normal = (0..<12)
            .reduce(-6.0) { sum, _ in
                sum + Double.random(in: 0..<1, using: &random)
            }
        var factor = 1.0
        // 2^normal without a library: e^(normal × 0.7) by its series.
        var term = 1.0
        for power in 1...30 {
            term *= normal * 0.7 / Double(power)
            factor += term
        }
        return Int64(max(1, median * factor))
    }

    @Test(
        "it comes to cover nine of ten requests",
        arguments: [20.0, 300.0, 6_000.0], [1, 2, 3] as [UInt64])
    func converges(median: Double, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var estimator = OutputEstimator(models: 1)
        var covered = 0
        for round in 0..<3_000 {
            let tokens = length(median, &random)
            let estimate = estimator.estimate(tenant: tenant, model: 0, maximumTokens: nil)
            if round >= 200, estimate >= tokens { covered += 1 }
            estimator.observe(tokens: tokens, tenant: tenant, model: 0)
        }
        let share = Double(covered) / 2_800
        #expect(share > 0.87 && share < 0.94, "\(random): \(share)")
        // The quantile of that distribution is median × e^(0.7 × 1.28).
        let last = estimator.estimate(tenant: tenant, model: 0, maximumTokens: nil)
        let ratio = Double(last) / (median * 2.45)
        #expect(ratio > 0.7 && ratio < 1.4, "\(random): \(last)")
    }

    @Test("twenty requests are enough to come near, up or down", arguments: [8, 4_000] as [Int64])
    func quick(tokens: Int64) {
        var estimator = OutputEstimator(models: 1)
        // Down, a step is a ninth of one up.
        let rounds = tokens > 256 ? 20 : 1_000
        for _ in 0..<rounds { estimator.observe(tokens: tokens, tenant: tenant, model: 0) }
        let estimate = estimator.estimate(tenant: tenant, model: 0, maximumTokens: nil)
        #expect(estimate >= tokens * 3 / 5 && estimate <= tokens * 2, "\(estimate)")
    }

    @Test("a new tenant begins with what the model's other tenants need, models are apart")
    func inherits() {
        var estimator = OutputEstimator(models: 2)
        for _ in 0..<500 { estimator.observe(tokens: 2_000, tenant: tenant, model: 0) }
        let inherited = estimator.estimate(tenant: other, model: 0, maximumTokens: nil)
        #expect((1_900...2_200).contains(inherited))
        #expect(estimator.estimate(tenant: tenant, model: 1, maximumTokens: nil) == 256)
        for _ in 0..<1_500 { estimator.observe(tokens: 50, tenant: other, model: 0) }
        #expect(estimator.estimate(tenant: other, model: 0, maximumTokens: nil) <= 55)
        #expect(estimator.estimate(tenant: tenant, model: 0, maximumTokens: nil) >= 1_900)
    }

    @Test("choices are learned from each by itself")
    func choices() {
        var estimator = OutputEstimator(models: 1)
        for _ in 0..<500 {
            estimator.observe(tokens: 8_000, tenant: tenant, model: 0, choices: 4)
        }
        let one = estimator.estimate(tenant: tenant, model: 0, maximumTokens: nil)
        #expect((1_900...2_200).contains(one))
        let four = estimator.estimate(tenant: tenant, model: 0, choices: 4, maximumTokens: nil)
        #expect(four == 4 * one)
    }

    @Test("pairs beyond the bound are forgotten, and begin anew from the model's")
    func bounded() {
        var estimator = OutputEstimator(models: 1, maximumPairs: 64)
        for _ in 0..<300 { estimator.observe(tokens: 4, tenant: tenant, model: 0) }
        for index in 0..<5_000 {
            let tenant = TenantID(trusted: "tenant \(index)")
            estimator.observe(tokens: 2_000, tenant: tenant, model: 0)
            #expect(estimator.pairCount <= 64)
        }
        #expect(estimator.estimate(tenant: tenant, model: 0, maximumTokens: nil) > 1_000)
    }

    @Test("no count and no index traps")
    func extremes() {
        var estimator = OutputEstimator(models: 1)
        for tokens in [Int64.max, .min, -1, 0] {
            for model in [-1, 0, 1, .max, .min] {
                for choices in [Int64.min, 0, 1, .max] {
                    for _ in 0..<200 {
                        estimator.observe(
                            tokens: tokens, tenant: tenant, model: model, choices: choices)
                    }
                    let estimate = estimator.estimate(
                        tenant: tenant, model: model, choices: choices, maximumTokens: nil)
                    #expect(estimate >= 1 && estimate <= Amount.maximum)
                }
            }
        }
    }
}
