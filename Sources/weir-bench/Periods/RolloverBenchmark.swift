import EmbeddedNode
import LedgerSQLite
import QuotaModel
import QuotaNode
import Synchronization
import WeirClient

/// The month of many tenants ends at the same instant, while tenants decide.
///
/// The node has the same upkeep as in a server, over the embedded ledger. Some of the tenants have
/// leases when the month ends, and some of those hold a unit for longer than the grace of closing
/// accounts. The baseline is the same load in the seconds before.
struct RolloverBenchmark: Benchmark {
    let name = "rollover"
    var tenants = 1_000_000
    /// How many of them have leases when the month ends.
    var active = 20_000
    /// Decisions a second.
    var rate = 500

    /// How many hold a unit.
    private static let holders = 1_000
    private static let graceNanoseconds: Int64 = 16 * 60 * 1_000_000_000
    /// The longest that closing may take.
    private static let patience = Duration.seconds(3_600)

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-rollover")
        defer { folder.remove() }
        let data = folder.path + "/data"
        guard let boundary = CivilDate("2026-05-01")?.startUTC else { return }
        let tenants = RolloverTenants(count: tenants, boundary: boundary)
        try await prepare(data, tenants)
        // Long enough for the load to settle before it is measured.
        let lead = Int64((options.seconds * 2 + 5) * 1e9)
        let run = try await RolloverRun(
            folder: data, start: boundary.adding(nanoseconds: -lead))
        let load = RolloverLoad(run.node, tenants, active: active)
        try await run.whileTended {
            try await load.activate(holding: Self.holders)
            BenchOptions.say("the tenants are there")
        }
        run.clock.letGo()
        let measured = try await run.whileTended {
            try await measure(run, load, boundary)
        }
        let during = measured.during
        if during.slow > 0 {
            let seconds = during.slowSeconds.sorted { $0.key < $1.key }
                .map { "\($0.key): \($0.value)" }
            BenchOptions.say(
                "\(during.slow) waited for over 50 ms, \(during.slowWithLease) of them with a lease"
                    + " of the old month; by the second: \(seconds.joined(separator: ", "))")
        }
        let granted = load.granted
        let check = RolloverCheck(
            tenants: tenants, ending: granted.ending, following: granted.following,
            held: { load.holds($0, of: Self.holders) ? 1 : 0 })
        BenchOptions.say("closed; asking for the new limits of all")
        try await check.ask(run.node)
        let path = run.databasePath
        try await run.end()
        let sums = try check.read(path)
        guard sums.posted == check.posted else {
            throw LoadFailure("\(sums.posted) units were posted of \(check.posted)")
        }
        try tell(measured, sums, check, &report)
    }

    /// Writes the ledger as it is some days before.
    private func prepare(_ folder: String, _ tenants: RolloverTenants) async throws {
        let days = tenants.boundary.adding(nanoseconds: -10 * 86_400_000_000_000)
        let run = try await RolloverRun(folder: folder, start: days)
        let plan = PlanID(trusted: "bench-rollover")
        let rollover = try Rollover(cap: .percent(RolloverTenants.capPercent))
        _ = try await run.node.put(
            Plan(
                id: plan, name: plan.text, weight: 1,
                limits: [
                    Limit(
                        meter: Meter.apiCalls.id, window: .month,
                        quantity: RolloverTenants.quantity, rollover: rollover)
                ]))
        _ = try await run.node.create(
            Tenant(id: RolloverTenants.template, plan: plan, createdAt: run.clock.now()))
        _ = try await run.node.decide(
            DecisionRequest(
                tenant: RolloverTenants.template,
                charges: [Charge(meter: Meter.apiCalls.id, amount: 1)]))
        let path = run.databasePath
        try await run.end()
        try tenants.write(to: path)
    }

    private struct Measured: Sendable {
        var before: RolloverLoad.Figures
        var during: RolloverLoad.Figures
        /// From the end of the month until all was closed but what is held.
        var seconds: Double
    }

    private func measure(
        _ run: RolloverRun,
        _ load: RolloverLoad,
        _ boundary: Timestamp
    ) async throws -> Measured {
        let measured = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.run(rate: rate) }
            group.addTask {
                // What fails ends the load, and the load what waits here.
                try await Task.sleep(for: Self.patience)
                throw LoadFailure("the month is not closed yet")
            }
            defer { group.cancelAll() }
            return try await watch(run, load, boundary)
        }
        run.clock.skip(nanoseconds: Self.graceNanoseconds)
        while try await run.ended(at: boundary, moreThan: 0) {
            try await Task.sleep(for: .seconds(1))
        }
        return measured
    }

    private func watch(
        _ run: RolloverRun,
        _ load: RolloverLoad,
        _ boundary: Timestamp
    ) async throws -> Measured {
        try await Task.sleep(for: .seconds(3))
        _ = load.takeFigures()
        while run.clock.now() < boundary { try await Task.sleep(for: .milliseconds(1)) }
        let before = load.takeFigures()
        let begin = ContinuousClock.now
        while try await run.ended(at: boundary, moreThan: Self.holders) {
            try await Task.sleep(for: .milliseconds(200))
        }
        let seconds = begin.duration(to: .now) / .seconds(1)
        return Measured(before: before, during: load.takeFigures(), seconds: seconds)
    }

    private func tell(
        _ measured: Measured,
        _ sums: RolloverCheck.Sums,
        _ check: RolloverCheck,
        _ report: inout BenchReport
    ) throws {
        func add(
            _ name: String, _ value: Double, _ unit: String,
            _ baseline: (String, Double)? = nil, _ target: BenchResult.Target? = nil
        ) throws {
            try report.add(
                BenchResult(
                    bench: "periods/rollover/\(name)", value: value, unit: unit,
                    baseline: baseline.map { .init(name: $0, value: $1) }, target: target))
        }
        let (before, during) = (measured.before, measured.during)
        func latency(
            _ name: String, _ value: (LatencyRecorder) -> Double,
            _ target: BenchResult.Target? = nil
        ) throws {
            try add(
                name, value(during.latency), "ms", ("before", value(before.latency)), target)
        }
        try latency("p50") { $0.milliseconds(percentile: 50) }
        try latency("p99") { $0.milliseconds(percentile: 99) }
        try latency("max", \.maximumMilliseconds, .valueAtMost(50))
        try add(
            "slow", Double(during.slow), "over 50 ms", ("before", Double(before.slow)),
            .valueAtMost(0))
        try add(
            "decisions", Double(during.latency.count), "decisions",
            ("before", Double(before.latency.count)))
        try add("rate", Double(tenants) / measured.seconds, "rollovers/s")
        try add("time", measured.seconds, "s")
        // A wrong one has ended the benchmark by now.
        try add(
            "exact", Double(tenants), "tenants", ("all", Double(tenants)), .ratioAtLeast(1))
        try add("opened", Double(sums.opened), "tenants")
        try add("posted", Double(sums.posted), "units", ("granted", Double(check.posted)))
        let unused = RolloverTenants.quantity * Int64(tenants) - sums.posted
        try add(
            "left", Double(sums.carried + sums.expired), "units",
            ("unused", Double(unused)), .ratioAtLeast(0.999))
    }
}
