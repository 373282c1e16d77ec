import ArgumentParser
import QuotaTesting

/// Runs simulated clusters, one for each seed, and tells of the first that breaks an invariant.
@main
struct WeirSimulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir-simulate",
        abstract: "Simulates clusters under faults, one for each seed, and checks all invariants.",
        discussion: """
            Examples:
              weir-simulate --seeds 10000 --from 1
              weir-simulate --seed 4711 --history
            """)

    @Option(help: "How many seeds to try.")
    var seeds = 1_000

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Tries this seed alone.")
    var seed: UInt64?

    @Option(help: "How many steps each cluster takes.")
    var steps = 500

    @Flag(help: "Prints all that happened, with --seed; without it, the shortest run that fails.")
    var history = false

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds must be 1 or more") }
        guard steps > 0 else { throw ValidationError("--steps must be 1 or more") }
        guard !history || seed != nil else {
            throw ValidationError("--history prints one run: name its --seed")
        }
    }

    func run() async throws {
        if let seed { return try runOne(seed) }
        let start = ContinuousClock.now
        let failed = await SimulationBatch(first: from, count: seeds, steps: steps).run()
        let elapsed = ContinuousClock.now - start
        guard let failed else {
            print("\(seeds) seeds of \(steps) steps hold; \(elapsed)")
            return
        }
        print("seed \(failed.seed) fails: \(failed.failure)")
        try report(failed.seed)
    }

    private func runOne(_ seed: UInt64) throws {
        var simulation = Simulation(seed: seed, recordsHistory: history)
        do {
            try simulation.run(steps: steps)
            if history { for line in simulation.history { print(line) } }
            print("seed \(seed) holds")
        } catch {
            if history {
                for line in simulation.history { print(line) }
                print("seed \(seed) fails: \(error)")
                throw ExitCode.failure
            }
            print("seed \(seed) fails: \(error)")
            try report(seed)
        }
    }

    /// Prints the shortest history that fails.
    private func report(_ seed: UInt64) throws {
        let shrunk = SimulationShrinking(seed: seed, steps: steps).run()
        for line in shrunk.history { print(line) }
        print(
            "seed \(seed), with \(shrunk.actions) of \(shrunk.allActions) actions: "
                + "\(shrunk.failure)")
        throw ExitCode.failure
    }
}
