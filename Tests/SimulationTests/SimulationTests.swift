import QuotaLedger
import QuotaTesting
import Testing

/// The simulated cluster: it holds as it is, and breaks when a rule of the algebra is left out.
@Suite struct SimulationTests {
    @Test("Clusters under faults keep all invariants")
    func holds() async {
        let failed = await SimulationBatch(first: 1, count: 150, steps: 500).run()
        #expect(failed == nil, "\(failed.map { "seed \($0.seed): \($0.failure)" } ?? "")")
    }

    @Test("A rule that is left out is noticed within 2,000 seeds", arguments: OmittedRules.named)
    func teeth(_ rule: OmittedRules.Named) async throws {
        let failed = await SimulationBatch(
            first: 1, count: 2_000, steps: 500, omitted: rule.rules
        )
        .run()
        let found = try #require(failed, "leaving out \"\(rule.name)\" was not noticed")
        print("left out: \(rule.name); noticed by seed \(found.seed): \(found.failure)")
    }

    @Test("The same seed gives the same history", arguments: [7, 8, 9] as [UInt64])
    func determinism(seed: UInt64) throws {
        var histories: [[String]] = []
        for _ in 0..<2 {
            var simulation = Simulation(seed: seed, recordsHistory: true)
            try simulation.run(steps: 400)
            histories.append(simulation.history)
        }
        #expect(histories[0].count > 50)
        #expect(histories[0] == histories[1])
    }

    @Test("A failing run is made short, and still fails")
    func shrinking() async throws {
        let failed = await SimulationBatch(
            first: 1, count: 200, steps: 300, omitted: .leasesAreCharged
        )
        .run()
        let seed = try #require(failed).seed
        let shrunk = SimulationShrinking(seed: seed, steps: 300, omitted: .leasesAreCharged)
            .run()
        #expect(shrunk.actions <= 6, "one request is enough")
        #expect(shrunk.actions < shrunk.allActions)
        #expect(shrunk.failure.message != "the seed holds")
        #expect(!shrunk.history.isEmpty)
    }
}
