import ArgumentParser

/// `weir-bench http`.
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Decisions over HTTP, beside a bare handler that answers the same bytes.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([HTTPBenchmark()])
    }
}
