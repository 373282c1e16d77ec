/// One subject of measurement, which gives one or more results.
protocol Benchmark: Sendable {
    /// The subcommand's name.
    var name: String { get }

    /// Measures, and hands each result to `report` as soon as it is known.
    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws
}

/// All that `weir-bench all` runs, in this order.
enum Benchmarks {
    static let all: [any Benchmark] = [
        AdmissionBenchmark(), LeaseCallsBenchmark(), CalendarBenchmark(), HTTPBenchmark(),
        LedgerBenchmark(), FoldBenchmark(), PostgresBenchmark(),
        JournalBenchmark(), KeyBenchmark(),
        UsagePageBenchmark(), ImportBenchmark(), MemoryBenchmark(), TenantMemoryBenchmark(),
        SimulationBenchmark(), GatewayBenchmark(), WhatIfBenchmark(),
        EffectiveLimitBenchmark(), RolloverBenchmark(),
    ]
}
