import ArgumentParser

/// `weir-bench simulate`.
struct SimulationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Steps of simulated clusters, with all their checks.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([SimulationBenchmark()])
    }
}
