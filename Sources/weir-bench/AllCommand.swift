import ArgumentParser

/// `weir-bench all`.
struct AllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "Every benchmark, one after the other.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run(Benchmarks.all)
    }
}
