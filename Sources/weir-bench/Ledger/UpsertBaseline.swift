import GRDB
import WeirClient

/// What SQLite can do at best: one upsert of a counter for each settlement, in synced batches.
struct UpsertBaseline {
    private let queue: DatabaseQueue

    /// The figure that benchmarks of the ledger are compared with.
    static func measured(
        in folder: TemporaryFolder, seconds: Double
    ) throws -> BenchResult.Baseline {
        BenchResult.Baseline(
            name: "plain upserts",
            value: try UpsertBaseline(path: folder.path + "/baseline.sqlite")
                .upsertsPerSecond(seconds: seconds, batchSize: LedgerBenchmark.batchSize))
    }

    init(path: String) throws {
        queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    CREATE TABLE counters (tenant TEXT PRIMARY KEY, units INTEGER NOT NULL)
                        STRICT, WITHOUT ROWID;
                    """)
        }
    }

    func upsertsPerSecond(seconds: Double, batchSize: Int) throws -> Double {
        let start = ContinuousClock.now
        var count = 0
        while start.duration(to: .now) < .seconds(seconds) {
            try queue.write { database in
                let statement = try database.cachedStatement(
                    sql: """
                        INSERT INTO counters (tenant, units) VALUES (?, ?)
                        ON CONFLICT (tenant) DO UPDATE SET units = units + excluded.units
                        """)
                for _ in 0..<batchSize {
                    count += 1
                    try statement.execute(
                        arguments: [
                            "tenant-\(count * 7_919 % LedgerBenchmark.tenants)", count % 997,
                        ])
                }
            }
        }
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }
}
