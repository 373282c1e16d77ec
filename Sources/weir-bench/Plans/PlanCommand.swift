import ArgumentParser

/// `weir-bench plans`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans",
        abstract: "The effective limit of a tenant, beside a look-up and a plain SELECT.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([EffectiveLimitBenchmark()])
    }
}
