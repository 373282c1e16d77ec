import GRDBSQLite
import LedgerSQLite
import QuotaModel
import QuotaNode
import QuotaTesting
import Synchronization
import WeirClient

/// The effective limit of a tenant: its override, else its plan's, with what is on top of it.
///
/// Cached is a tenant that was asked about within a second, or else is asked about anew, beside a
/// look-up of a number in a dictionary under a lock; with what is used of it, the ledger is asked.
/// Cold is one that the node knows nothing of, beside a SELECT of its row alone. The
/// ledger has 100,000 tenants.
struct EffectiveLimitBenchmark: Benchmark {
    /// How many tenants are asked about again and again.
    private static let known = 1_000
    private static let round = 10_000

    let name = "plans"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-plans")
        defer { folder.remove() }
        let data = try DataFolder(path: folder.path + "/data")
        let ledger = try LedgerSQLite(folder: data, clock: BenchClock.now)
        let node = try await QuotaNode(
            ledger: ledger, settings: NodeSettings(),
            peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
            journal: .inMemory(), clock: BenchClock.now, steadyClock: BenchClock.now,
            random: { UInt64.random(in: .min ... .max) })
        try await EffectiveLimitTenants.write(node, to: data.databasePath)
        let lookUp = lookUp(options.seconds / 4)
        for (label, isBare) in [("cached", true), ("with-use", false)] {
            let cached = try await cached(node, options.seconds, isBare: isBare)
            try report.add(
                BenchResult(
                    bench: "plans/effective-limit/\(label)", value: cached, unit: "µs",
                    baseline: .init(name: "look-up", value: lookUp),
                    target: isBare ? .valueAtMost(2) : nil))
        }
        let plain = try plain(data.databasePath, options.seconds / 4)
        let cold = try await cold(node, options.seconds)
        for (label, percent) in [("cold", 50.0), ("cold-p99", 99)] {
            try report.add(
                BenchResult(
                    bench: "plans/effective-limit/\(label)",
                    value: cold.milliseconds(percentile: percent) * 1e3, unit: "µs",
                    baseline: .init(
                        name: "plain SELECT",
                        value: plain.milliseconds(percentile: percent) * 1e3),
                    target: percent == 50 ? .valueAtMost(50) : nil))
        }
        try await ledger.close()
    }

    /// Asks for the quantity alone, or for what is used of it as well.
    private func ask(
        _ node: QuotaNode,
        _ id: TenantID,
        _ number: Int,
        isBare: Bool = true
    ) async throws {
        let meter = EffectiveLimitTenants.meter
        let quantity =
            isBare
            ? try await node.effectiveQuantity(for: meter, window: .month, tenant: id)
            : try await node.effectiveLimit(for: meter, window: .month, tenant: id).limit?.limit
        guard quantity == EffectiveLimitTenants.quantity(number) else {
            throw LoadFailure("\(id.text) has the limit \(quantity ?? -1)")
        }
    }

    /// Microseconds of a question about a tenant that is known.
    private func cached(
        _ node: QuotaNode,
        _ seconds: Double,
        isBare: Bool
    ) async throws -> Double {
        let ids = (0..<Self.known).map(EffectiveLimitTenants.id)
        for (number, id) in ids.enumerated() { try await ask(node, id, number) }
        var (count, place) = (0, 0)
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(seconds) {
            for _ in 0..<Self.round {
                place = (place + 7_919) % ids.count
                try await ask(node, ids[place], place, isBare: isBare)
            }
            count += Self.round
        }
        return begin.duration(to: .now) / .microseconds(1) / Double(count)
    }

    /// Microseconds of a look-up.
    private func lookUp(_ seconds: Double) -> Double {
        let ids = (0..<Self.known).map(EffectiveLimitTenants.id)
        let known = Mutex(
            Dictionary(
                uniqueKeysWithValues: ids.enumerated()
                    .map { ($1, EffectiveLimitTenants.quantity($0)) }))
        var (count, place, sum) = (0, 0, Int64(0))
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(seconds) {
            for _ in 0..<Self.round {
                place = (place + 7_919) % ids.count
                sum &+= known.withLock { $0[ids[place]] } ?? 0
            }
            count += Self.round
        }
        return begin.duration(to: .now) / .microseconds(sum == 0 ? 0 : 1) / Double(count)
    }

    /// Questions about tenants of which nothing is known: the caches hold a tenth of all, and the
    /// next question about a tenant comes when all others were asked about.
    private func cold(_ node: QuotaNode, _ seconds: Double) async throws -> LatencyRecorder {
        var latency = LatencyRecorder()
        var place = Self.known
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(seconds) {
            place = (place + 7_919) % EffectiveLimitTenants.count
            let id = EffectiveLimitTenants.id(place)
            let start = ContinuousClock.now
            try await ask(node, id, place)
            latency.record(start.duration(to: .now))
        }
        return latency
    }

    /// Looks at the same rows, one each.
    private func plain(_ path: String, _ seconds: Double) throws -> LatencyRecorder {
        var connection: OpaquePointer?
        var statement: OpaquePointer?
        defer {
            sqlite3_finalize(statement)
            sqlite3_close_v2(connection)
        }
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
            sqlite3_prepare_v2(
                connection, "SELECT * FROM tenants WHERE id = ?", -1, &statement, nil)
                == SQLITE_OK
        else { throw LoadFailure("the ledger can't be read") }
        var latency = LatencyRecorder()
        var place = 0
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < .seconds(seconds) {
            place = (place + 7_919) % EffectiveLimitTenants.count
            let text = EffectiveLimitTenants.id(place).text
            let start = ContinuousClock.now
            let code = text.withCString { bytes in
                sqlite3_bind_text(statement, 1, bytes, -1, nil)
                return sqlite3_step(statement)
            }
            sqlite3_reset(statement)
            latency.record(start.duration(to: .now))
            guard code == SQLITE_ROW else { throw LoadFailure("a row is missing") }
        }
        return latency
    }
}
