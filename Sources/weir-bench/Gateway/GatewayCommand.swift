import ArgumentParser

/// `weir-bench gateway`.
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "The gateway before a backend, beside nginx in the same place.",
        discussion: """
            The measured server has one processor, the load generator and the backend another. \
            After each part what was booked must be what the backend generated.
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: "One part alone: chat, latency, sse, paced, large. Can be repeated.")
    var only: [GatewayBenchmark.Part] = []

    @Flag(
        name: .customLong("with-litellm"),
        help: "Measure LiteLLM in the same place, too; it is installed from PyPI into ~/.cache.")
    var withLiteLLM = false

    func run() async throws {
        let parts = only.isEmpty ? GatewayBenchmark.Part.allCases : only
        try await options.run([GatewayBenchmark(parts: parts, withLiteLLM: withLiteLLM)])
    }
}

extension GatewayBenchmark.Part: ExpressibleByArgument {}
