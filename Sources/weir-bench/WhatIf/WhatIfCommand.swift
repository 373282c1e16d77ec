import ArgumentParser

/// `weir-bench whatif`.
struct WhatIfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whatif",
        abstract: "Recorded events judged by another plan, beside stepping over the same rows.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([WhatIfBenchmark()])
    }
}
