import ArgumentParser

/// `weir-bench import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Half a million tenants through the import, beside plain inserts.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([ImportBenchmark()])
    }
}
