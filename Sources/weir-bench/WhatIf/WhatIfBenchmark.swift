import Foundation
import GRDBSQLite
import LedgerSQLite
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import WeirClient

/// What a plan would have refused 2,000 tenants in a week of 2,000,000 events, read from SQLite.
///
/// From the question to the answer. Of the events each has its part in the sums of hours, which are
/// read besides: `rows` counts both, `events` the events alone in the same time.
struct WhatIfBenchmark: Benchmark {
    let name = "whatif"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-whatif")
        defer { folder.remove() }
        let data = try DataFolder(path: folder.path + "/data")
        let ledger = try LedgerSQLite(folder: data, clock: BenchClock.now)
        let history = WhatIfHistory(end: BenchClock.now())
        let rows = try history.write(to: data.databasePath)
        let node = try await QuotaNode(
            ledger: ledger, settings: NodeSettings(),
            peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
            journal: .inMemory(), clock: BenchClock.now, steadyClock: BenchClock.now,
            random: { UInt64.random(in: .min ... .max) })
        var judged: [Double] = []
        var stepped: [Double] = []
        // In turns, so that both see the machine alike.
        for _ in 0..<3 {
            judged.append(try await judge(node, history, events: rows))
            stepped.append(try step(data.databasePath, rows: rows))
        }
        try report.add(
            BenchResult(
                bench: "whatif/rows", value: Self.median(judged), unit: "rows/s",
                baseline: .init(name: "plain stepping", value: Self.median(stepped))))
        let share = Double(WhatIfHistory.tenants * WhatIfHistory.eventsPerTenant) / Double(rows)
        try report.add(
            BenchResult(
                bench: "whatif/events", value: Self.median(judged) * share, unit: "events/s",
                baseline: .init(name: "plain stepping", value: Self.median(stepped) * share),
                target: .valueAtLeast(1_000_000)))
        try await ledger.close()
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    private static let plan = Plan(
        id: .fallback, name: "Free", weight: 1,
        limits: [
            Limit(meter: Meter.aiTokens.id, window: .month, quantity: 1_000_000),
            Limit(meter: Meter.aiTokens.id, window: .minute, quantity: 4_000),
            Limit(meter: Meter.aiTokens.id, scope: .key(nil), window: .day, quantity: 100_000),
            Limit(
                meter: Meter.aiTokens.id, scope: .model(ModelName(trusted: "gpt-large")),
                window: .week, quantity: 300_000, mode: .shadow),
            Limit(meter: Meter.apiCalls.id, window: .month, quantity: 1_000_000),
        ])

    /// Rows a second, judged.
    private func judge(
        _ node: QuotaNode,
        _ history: WhatIfHistory,
        events rows: Int
    ) async throws -> Double {
        let begin = ContinuousClock.now
        let report = try await node.whatIf(
            WhatIfQuestion(plan: Self.plan, since: history.start, maximumRows: 10_000))
        let seconds = begin.duration(to: .now) / .seconds(1)
        // Those before midnight of the month's first day are read, too; none is left out.
        guard report.rowsRead >= rows * 99 / 100, report.refusedTenants > 0 else {
            throw LoadFailure("\(report.rowsRead) of \(rows) rows were read")
        }
        return Double(report.rowsRead) / seconds
    }

    /// Rows a second, of the same rows and columns, taken up and let go.
    private func step(_ path: String, rows: Int) throws -> Double {
        var connection: OpaquePointer?
        defer { sqlite3_close_v2(connection) }
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
            throw LoadFailure("the ledger can't be opened")
        }
        let begin = ContinuousClock.now
        var count = 0
        var sum: Int64 = 0
        for text in [
            "SELECT admitted_at_ns, id, meter, key, model, units FROM events",
            """
            SELECT hour_ns, meter, key, model, units, postings FROM hourly_usage
            WHERE meter = 'api_calls'
            """,
        ] {
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(connection, text, -1, &statement, nil) == SQLITE_OK else {
                throw LoadFailure("the ledger can't be read")
            }
            while sqlite3_step(statement) == SQLITE_ROW {
                for column: CInt in 0..<6 {
                    sum &+=
                        sqlite3_column_type(statement, column) == SQLITE_INTEGER
                        ? sqlite3_column_int64(statement, column)
                        : Int64(sqlite3_column_bytes(statement, column))
                }
                count += 1
            }
        }
        let seconds = begin.duration(to: .now) / .seconds(1)
        guard count == rows, sum != 0 else { throw LoadFailure("\(count) of \(rows) rows") }
        return Double(count) / seconds
    }
}
