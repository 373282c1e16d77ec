import ArgumentParser

/// `weir-bench ledger`.
struct LedgerBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Settlements into the embedded ledger, beside plain upserts.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([LedgerBenchmark(), FoldBenchmark()])
    }
}
