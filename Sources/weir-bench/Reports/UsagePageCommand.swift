import ArgumentParser

/// `weir-bench usage`.
struct UsagePageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "A page of a day's usage among a million tenants, beside a plain SELECT.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([UsagePageBenchmark()])
    }
}
