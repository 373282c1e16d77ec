import ArgumentParser

/// `weir-bench keys`.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Verification of API keys, beside one HMAC and one look-up.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([KeyBenchmark()])
    }
}
