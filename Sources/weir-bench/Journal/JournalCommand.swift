import ArgumentParser

/// `weir-bench journal`.
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Appends to the journal, and its recovery, beside plain copies and reads.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([JournalBenchmark()])
    }
}
