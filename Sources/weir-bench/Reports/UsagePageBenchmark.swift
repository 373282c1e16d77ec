import Foundation
import GRDB
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import WeirClient

/// A page of 100 tenants of a day's usage, anywhere in a list of a million, with its totals.
struct UsagePageBenchmark: Benchmark {
    private static let rows = 1_000_000
    private static let pageSize = 100
    private static let date = "2026-04-09"

    let name = "usage"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-usage")
        defer { folder.remove() }
        let data = try DataFolder(path: folder.path + "/data")
        let ledger = try LedgerSQLite(folder: data, clock: BenchClock.now)
        try fill(data.databasePath)
        let node = try await QuotaNode(
            ledger: ledger, settings: NodeSettings(),
            peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
            journal: .inMemory(), clock: BenchClock.now, steadyClock: BenchClock.now,
            random: { UInt64.random(in: .min ... .max) })
        let measured = try await measure(node, seconds: options.seconds)
        let baseline = try plainRead(data.databasePath, seconds: options.seconds / 2)
        for (label, percent) in [("p50", 50.0), ("p99", 99)] {
            try report.add(
                BenchResult(
                    bench: "usage/page/\(label)",
                    value: measured.milliseconds(percentile: percent), unit: "ms",
                    baseline: .init(
                        name: "plain SELECT",
                        value: baseline.milliseconds(percentile: percent)),
                    target: .valueAtMost(5)))
        }
        try await ledger.close()
    }

    /// Rows as a year of a busy product leaves them: a million tenants, one in a hundred exceeded.
    private func fill(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            let statement = try database.makeStatement(
                sql: "INSERT INTO daily_meter_usage VALUES (?, 'api_calls', ?, ?, ?)")
            for number in 0..<Self.rows {
                let until: Int64? = number % 100 == 0 ? .max : nil
                try statement.execute(
                    arguments: [Self.date, Self.tenant(number), number % 997 + 1, until])
            }
        }
    }

    private static func tenant(_ number: Int) -> String {
        "tenant-" + String(repeating: "0", count: 7 - String(number).count) + String(number)
    }

    private func measure(
        _ node: QuotaNode,
        seconds: Double
    ) async throws -> LatencyRecorder {
        var latency = LatencyRecorder()
        let date = CivilDate(Self.date)!
        let start = ContinuousClock.now
        var round = 0
        while start.duration(to: .now) < .seconds(seconds) {
            let after = TenantID(trusted: Self.tenant(round * 7_919_993 % Self.rows))
            let begin = ContinuousClock.now
            let listing = try await node.usageListing(
                of: Meter.apiCalls.id, on: date,
                page: UsagePage(after: after, limit: Self.pageSize))
            latency.record(begin.duration(to: .now))
            guard listing.totals.tenants == Self.rows else {
                throw LoadFailure("the list has \(listing.totals.tenants) tenants")
            }
            round += 1
        }
        return latency
    }

    private func plainRead(
        _ path: String,
        seconds: Double
    ) throws -> LatencyRecorder {
        var latency = LatencyRecorder()
        let queue = try DatabaseQueue(path: path)
        let start = ContinuousClock.now
        var round = 0
        while start.duration(to: .now) < .seconds(seconds) {
            let after = Self.tenant(round * 7_919_993 % Self.rows)
            let begin = ContinuousClock.now
            let rows = try queue.read { database in
                try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT tenant, units FROM daily_meter_usage
                            WHERE date = ? AND meter = 'api_calls' AND tenant > ?
                            ORDER BY tenant LIMIT ?
                            """),
                    arguments: [Self.date, after, Self.pageSize])
            }
            latency.record(begin.duration(to: .now))
            guard !rows.isEmpty else { throw LoadFailure("the page is empty") }
            round += 1
        }
        return latency
    }
}
