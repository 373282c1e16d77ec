import Gateway
import QuotaModel
import QuotaTesting
import Testing

@Suite("estimates of input")
struct InputEstimatorTests {
    @Test("at first a token has four bytes, and a quarter more are held")
    func first() {
        let estimator = InputEstimator(models: 1)
        #expect(estimator.estimate(bytes: 4_000, model: 0) == 1_250)
        #expect(estimator.estimate(bytes: 1, model: 0) == 1)
        #expect(estimator.estimate(bytes: 0, model: 0) == 1)
    }

    @Test(
        "it comes to a little more than the truth, whatever the model's tokens are like",
        arguments: [0.15, 0.22, 0.3, 0.6, 1.1], [1, 2, 3] as [UInt64])
    func converges(ratio: Double, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var estimator = InputEstimator(models: 2)
        for _ in 0..<300 {
            let bytes = Int.random(in: 64...40_000, using: &random)
            let noise = Double.random(in: 0.8...1.2, using: &random)
            let tokens = Int64((Double(bytes) * ratio * noise).rounded())
            estimator.observe(tokens: tokens, bytes: bytes, model: 1)
        }
        // The deviation of the noise is 0.115 of the ratio.
        let estimate = Double(estimator.estimate(bytes: 1_000_000, model: 1)) / 1_000_000
        #expect(estimate > ratio * 1.03 && estimate < ratio * 1.22, "\(random): \(estimate)")
        #expect(estimator.estimate(bytes: 4_000, model: 0) == 1_250, "models are apart")
    }

    @Test("most estimates are high, and few by much", arguments: [1, 2, 3] as [UInt64])
    func margin(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var estimator = InputEstimator(models: 1)
        var high = 0
        var far = 0
        for round in 0..<2_000 {
            let bytes = Int.random(in: 100...40_000, using: &random)
            let ratio = 0.27 * Double.random(in: 0.8...1.2, using: &random)
            let tokens = Int64((Double(bytes) * ratio).rounded())
            let estimate = estimator.estimate(bytes: bytes, model: 0)
            if round >= 500 {
                if estimate >= tokens { high += 1 }
                if estimate > tokens * 3 / 2 { far += 1 }
            }
            estimator.observe(tokens: tokens, bytes: bytes, model: 0)
        }
        #expect((1_050...1_350).contains(high), "\(random): \(high) of 1500")
        #expect(far < 30, "\(random): \(far) of 1500")
    }

    @Test("it follows a model that was replaced by another")
    func follows() {
        var estimator = InputEstimator(models: 1)
        for _ in 0..<500 { estimator.observe(tokens: 200, bytes: 1_000, model: 0) }
        for _ in 0..<300 { estimator.observe(tokens: 500, bytes: 1_000, model: 0) }
        #expect((499...510).contains(estimator.estimate(bytes: 1_000, model: 0)))
    }

    @Test(
        "samples that can't be true of text teach nothing",
        arguments: [
            (0, 1_000), (-5, 1_000), (.max, 1_000), (10, 63), (10, 0), (10, -1), (10, .min),
            (2_001, 1_000), (15, 1_000), (1, .max),
        ] as [(Int64, Int)])
    func absurd(tokens: Int64, bytes: Int) {
        var estimator = InputEstimator(models: 1)
        for _ in 0..<100 { estimator.observe(tokens: tokens, bytes: bytes, model: 0) }
        #expect(estimator.estimate(bytes: 4_000, model: 0) == 1_250)
    }

    @Test("no size and no index traps")
    func extremes() {
        var estimator = InputEstimator(models: 1)
        for _ in 0..<100 { estimator.observe(tokens: 2_000, bytes: 1_000, model: 0) }
        #expect(estimator.estimate(bytes: .max, model: 0) <= Amount.maximum)
        #expect(estimator.estimate(bytes: .max, model: 0) > 1 << 50)
        #expect(estimator.estimate(bytes: .min, model: 0) == 1)
        for model in [-1, 1, Int.max, .min] {
            estimator.observe(tokens: 200, bytes: 1_000, model: model)
            #expect(estimator.estimate(bytes: 4_000, model: model) == 1_250)
        }
        #expect(InputEstimator(models: -1).estimate(bytes: 4_000, model: 0) == 1_250)
    }
}
