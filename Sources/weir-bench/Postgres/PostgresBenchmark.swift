import LedgerPostgres
import PostgresWire
import QuotaModel
import RealServers
import WeirClient

/// Settlements of a node's journal into PostgreSQL, each fold of ten thousand synced to the disk,
/// beside plain insertions of as many rows through libpq.
struct PostgresBenchmark: Benchmark {
    let name = "postgres"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let server = try await PostgresServer(durability: .full)
        let baseline = BenchResult.Baseline(
            name: "plain inserts",
            value: try insertsPerSecond(server, seconds: options.seconds))
        let cases: [(String, Meter, Double)] = [
            ("postgres/fold", .apiCalls, 100_000), ("postgres/fold-events", .aiTokens, 30_000),
        ]
        for (bench, meter, least) in cases {
            _ = try await server.psql("CREATE SCHEMA \(meter.id.text)")
            let ledger = try await LedgerPostgres(
                PostgresOptions(
                    url: server.url(options: "options=-csearch_path%3D\(meter.id.text)")),
                id: bench)
            let rate = try await FoldWorkload.settlementsPerSecond(
                ledger, meter, seconds: options.seconds)
            await ledger.close()
            try report.add(
                BenchResult(
                    bench: bench, value: rate, unit: "settlements/s", baseline: baseline,
                    target: .valueAtLeast(least)))
        }
        await server.remove()
    }

    /// What PostgreSQL can do at best: rows of an event's size, ten thousand to a transaction.
    private func insertsPerSecond(_ server: PostgresServer, seconds: Double) throws -> Double {
        let connection = try PostgresConnection(
            try PostgresAddress(server.url()), application: "bench", connectTimeout: .seconds(5),
            timeout: .seconds(60))
        _ = try connection.run(
            PostgresStatement(
                """
                CREATE TABLE plain (
                    tenant text COLLATE "C", at_ns bigint, id text COLLATE "C",
                    meter text COLLATE "C", units bigint, key text COLLATE "C",
                    PRIMARY KEY (tenant, at_ns, id, meter))
                """))
        let start = ContinuousClock.now
        var count = 0
        while start.duration(to: .now) < .seconds(seconds) {
            var columns = [
                PostgresArray(of: .text), PostgresArray(of: .integer), PostgresArray(of: .text),
                PostgresArray(of: .text), PostgresArray(of: .integer), PostgresArray(of: .text),
            ]
            for _ in 0..<LedgerBenchmark.batchSize {
                count += 1
                columns[0].append("tenant-\(count * 7_919 % LedgerBenchmark.tenants)".utf8)
                columns[1].append(Int64(count))
                columns[2].append("d_\(count)".utf8)
                columns[3].append("ai_tokens".utf8)
                columns[4].append(Int64(count % 997))
                columns[5].append("_service".utf8)
            }
            var parameters = PostgresParameters()
            for column in columns { parameters.add(column) }
            _ = try connection.run(
                PostgresStatement(
                    """
                    INSERT INTO plain SELECT * FROM unnest(
                        $1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[])
                    """,
                    arraysOf: [.text, .integer, .text, .text, .integer, .text], parameters))
        }
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }
}
