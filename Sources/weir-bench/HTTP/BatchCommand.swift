import ArgumentParser

/// `weir-bench batch`.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Batches of decisions over HTTP: a part of http.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([BatchBenchmark()])
    }
}
