import ArgumentParser

/// `weir-bench admission`.
struct AdmissionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admission",
        abstract: "Decisions in this process, beside a look-up and a copy.")

    @OptionGroup var options: BenchOptions

    func run() async throws {
        try await options.run([
            AdmissionBenchmark(), LeaseCallsBenchmark(), CalendarBenchmark(),
        ])
    }
}
