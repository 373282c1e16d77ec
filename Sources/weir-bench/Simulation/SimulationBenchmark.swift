import QuotaTesting

/// Steps of simulated clusters, each followed by all checks, beside draws of their randomness.
struct SimulationBenchmark: Benchmark {
    private static let seeds = 64
    private static let steps = 500

    let name = "simulate"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let start = ContinuousClock.now
        var first: UInt64 = 1
        while start.duration(to: .now) < .seconds(options.seconds) {
            let batch = SimulationBatch(first: first, count: Self.seeds, steps: Self.steps)
            if let failed = await batch.run() {
                throw LoadFailure("seed \(failed.seed) does not hold: \(failed.failure)")
            }
            first += UInt64(Self.seeds)
        }
        let steps = Double(Int(first - 1) * Self.steps)
        try report.add(
            BenchResult(
                bench: "simulate/steps", value: steps / (start.duration(to: .now) / .seconds(1)),
                unit: "steps/s",
                baseline: .init(name: "random draws", value: draws(options.seconds / 2)),
                // 10,000 seeds of 500 steps in 5 minutes.
                target: .valueAtLeast(10_000 * 500 / 300)))
    }

    /// Draws a second of the simulation's randomness.
    private func draws(_ seconds: Double) -> Double {
        var random = SeededRandom(seed: 1)
        var (count, sum) = (0, 0 as UInt64)
        let start = ContinuousClock.now
        while start.duration(to: .now) < .seconds(seconds) {
            for _ in 0..<100_000 { sum &+= random.next() }
            count += 100_000
        }
        precondition(sum != 0)
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }
}
