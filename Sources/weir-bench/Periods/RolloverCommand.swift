import ArgumentParser

/// `weir-bench rollover`.
struct RolloverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollover",
        abstract:
            "The month of a million tenants ends while tenants decide, beside the same before.",
        discussion: """
            In the end the archived month of every tenant and its limit in the new one are \
            compared with what they must be; a wrong one is a failure. Of --seconds, twice as many \
            are measured before the month ends.
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: "How many tenants there are.")
    var tenants = 1_000_000

    @Option(help: "How many of them have leases when the month ends.")
    var active = 20_000

    @Option(help: "Decisions a second, half of them of those tenants.")
    var rate = 500

    func validate() throws {
        guard (1_000...9_999_999).contains(tenants) else {
            throw ValidationError("--tenants must be from 1000 to 9999999.")
        }
        guard (1...tenants).contains(active) else {
            throw ValidationError("--active must be from 1 to the number of tenants.")
        }
        guard (1...100_000).contains(rate) else {
            throw ValidationError("--rate must be from 1 to 100000.")
        }
    }

    func run() async throws {
        try await options.run([RolloverBenchmark(tenants: tenants, active: active, rate: rate)])
    }
}
