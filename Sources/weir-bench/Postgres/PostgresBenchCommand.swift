import ArgumentParser

/// `weir-bench postgres`.
struct PostgresBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres",
        abstract: "Settlements into a fleet's ledger, beside plain inserts through libpq.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([PostgresBenchmark()])
    }
}
