import LedgerSQLite
import QuotaModel
import WeirClient

/// Settlements of a node's journal into the embedded ledger: summed up by `JournalFold`, ten
/// thousand to a fold, each fold synced to the disk.
///
/// Aggregated ones reach the ledger as sums by tenant, hour and meter; the others one by one.
struct FoldBenchmark: Benchmark {
    let name = "fold"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-fold")
        defer { folder.remove() }
        let baseline = try UpsertBaseline.measured(in: folder, seconds: options.seconds)
        let cases: [(String, Meter, Double)] = [
            ("ledger/fold", .apiCalls, 300_000), ("ledger/fold-events", .aiTokens, 60_000),
        ]
        for (bench, meter, least) in cases {
            let ledger = try LedgerSQLite(
                folder: DataFolder(path: folder.path + "/" + meter.id.text),
                clock: BenchClock.now, steadyClock: BenchClock.now)
            let rate = try await FoldWorkload.settlementsPerSecond(
                ledger, meter, seconds: options.seconds)
            try await ledger.close()
            try report.add(
                BenchResult(
                    bench: bench, value: rate, unit: "settlements/s", baseline: baseline,
                    target: .valueAtLeast(least)))
        }
    }
}
