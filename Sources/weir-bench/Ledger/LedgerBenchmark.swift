import LedgerSQLite
import QuotaLedger
import QuotaModel
import WeirClient

/// Settlements into the embedded ledger, ten thousand to a batch, each batch synced to the disk.
struct LedgerBenchmark: Benchmark {
    static let tenants = 1_000
    static let batchSize = 10_000

    let name = "ledger"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-ledger")
        defer { folder.remove() }
        let baseline = try UpsertBaseline.measured(in: folder, seconds: options.seconds)
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: folder.path + "/data"), clock: BenchClock.now)
        let workload = try SettlementWorkload(tenants: Self.tenants)
        try await workload.prepare(ledger)
        for (bench, meter) in [("ledger/post", Meter.aiTokens), ("ledger/post-hourly", .apiCalls)] {
            let rate = try await settlementsPerSecond(
                ledger, workload, meter, seconds: options.seconds)
            try report.add(
                BenchResult(
                    bench: bench, value: rate, unit: "settlements/s", baseline: baseline,
                    target: .valueAtLeast(100_000)))
        }
        try await ledger.close()
    }

    private func settlementsPerSecond(
        _ ledger: LedgerSQLite,
        _ workload: SettlementWorkload,
        _ meter: Meter,
        seconds: Double
    ) async throws -> Double {
        let start = ContinuousClock.now
        var (settled, batch) = (0, 0)
        var next = workload.batch(number: 0, of: meter, size: Self.batchSize)
        while start.duration(to: .now) < .seconds(seconds) {
            // Whoever settles makes the next batch while the ledger commits this one.
            let commands = next
            async let committed = ledger.commit(commands)
            next = workload.batch(number: batch + 1, of: meter, size: Self.batchSize)
            let answers = try await committed
            for answer in answers {
                guard case .admitted(.decided(let outcome, _)) = answer, outcome.isAdmitted else {
                    throw LoadFailure("the ledger refused a settlement of an unlimited tenant")
                }
            }
            settled += answers.count
            batch += 1
        }
        return Double(settled) / (start.duration(to: .now) / .seconds(1))
    }
}
