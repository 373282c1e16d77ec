import ArgumentParser

/// `weir-bench memory`.
struct MemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Resident memory and time to start with many tenants known.")

    @OptionGroup var options: BenchOptions

    @Option(help: "How many tenants to make known.")
    var tenants = 100_000

    func validate() throws {
        guard (1...10_000_000).contains(tenants) else {
            throw ValidationError("--tenants must be from 1 to 10000000.")
        }
    }

    func run() async throws {
        try await options.run([MemoryBenchmark(tenants: tenants), TenantMemoryBenchmark()])
    }
}
