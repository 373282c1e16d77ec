import GRDB
import NIOCore
import WeirClient

/// Tenants through `/api/admin/import`, 10,000 to a request, beside plain inserts.
struct ImportBenchmark: Benchmark {
    private static let tenants = 500_000
    private static let batchSize = 10_000
    private static let leastTenants = 50_000.0

    let name = "import"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let load = try await BenchServer.run { server in
            let token = server.adminToken
            return try await LoadGenerator(url: server.url, connections: 2, expectedStatus: 200)
                .run(each: Self.tenants / Self.batchSize) { Self.request($0, token) }
        }
        try report.add(
            BenchResult(
                bench: "import/tenants", value: Double(Self.tenants) / load.seconds,
                unit: "tenants/s",
                baseline: .init(name: "plain inserts", value: try plainInserts()),
                target: .valueAtLeast(Self.leastTenants)))
    }

    private static func request(_ batch: Int, _ token: String) -> ByteBuffer {
        let items = (0..<batchSize)
            .map { index in
                let id = "tenant-\(batch * batchSize + index)"
                return #"{"id":"\#(id)","name":"\#(id)","plan":"free","currency":"NGN"}"#
            }
        return RequestBytes.post(
            "/api/admin/import", credential: token,
            json: #"{"kind":"tenants","items":[\#(items.joined(separator: ","))]}"#)
    }

    private func plainInserts() throws -> Double {
        let folder = try TemporaryFolder(for: "weir-bench-import")
        defer { folder.remove() }
        let queue = try DatabaseQueue(path: folder.path + "/baseline.sqlite")
        try queue.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    CREATE TABLE tenants (
                        id TEXT PRIMARY KEY, name TEXT, plan TEXT, currency TEXT
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        let start = ContinuousClock.now
        for batch in 0..<Self.tenants / Self.batchSize {
            try queue.write { database in
                let statement = try database.cachedStatement(
                    sql: "INSERT INTO tenants VALUES (?, ?, 'free', 'NGN')")
                for index in 0..<Self.batchSize {
                    let id = "tenant-\(batch * Self.batchSize + index)"
                    try statement.execute(arguments: [id, id])
                }
            }
        }
        return Double(Self.tenants) / (start.duration(to: .now) / .seconds(1))
    }
}
