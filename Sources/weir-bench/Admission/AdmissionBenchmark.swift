import CAllocations
import QuotaModel
import QuotaNode
import Synchronization
import WeirClient

/// Decisions in this process that need nobody else: one lock, the journal on.
///
/// The baseline of each is what nobody can do without: a look-up of the tenant by its id in a
/// dictionary under a lock, and a copy of 64 bytes.
struct AdmissionBenchmark: Benchmark {
    private static let tenants = 10_000
    /// Half of what the segments of the journal hold.
    private static let round = 200_000

    let name = "admission"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let folder = try TemporaryFolder(for: "weir-bench-admission")
        defer { folder.remove() }
        let bench = try await AdmissionNode(folder)
        let baseline = LookUpBaseline(tenants: Self.tenants).nanoseconds(options.seconds / 2)
        func add(_ name: String, _ measured: Measured, _ most: Double) throws {
            try report.add(
                BenchResult(
                    bench: "admission/\(name)", value: measured.nanoseconds, unit: "ns",
                    baseline: .init(name: "look-up and copy", value: baseline),
                    target: .valueAtMost(most)))
            try report.add(
                BenchResult(
                    bench: "admission/\(name)-allocations", value: measured.allocations,
                    unit: "per decision", target: .valueAtMost(0)))
        }
        let plans = try await AdmissionPlans(bench.node)
        let one = try await plans.requests(plans.oneBudget, Self.tenants, "one")
        try await bench.decide(one)
        try await add("one-budget", measure(bench, one, options.seconds), 150)
        try await add("handle", measureHandles(bench, one, options.seconds), 40)
        let three = try await plans.requests(plans.threeLimits, Self.tenants, "three", keys: true)
        try await bench.decide(three)
        try await add("three-limits", measure(bench, three, options.seconds), 300)
        let empty = try await plans.requests(plans.empty, 1_000, "empty")
        try await bench.decide(empty)
        try await bench.decide(empty)
        try await add(
            "refused", measure(bench, empty, options.seconds, admitted: false), 150)
        try await measureThreads(bench, one, options, &report)
        try await bench.close()
    }

    private struct Measured {
        var nanoseconds: Double
        var allocations: Double
    }

    private func measure(
        _ bench: AdmissionNode,
        _ requests: [AdmissionRequest],
        _ seconds: Double,
        admitted: Bool = true
    ) async throws -> Measured {
        // What the caller has at hand: an id of each, and the rest once.
        let (tenants, keys) = (requests.map(\.decision.tenant), requests.map(\.decision.key))
        let (model, charge) = (requests[0].decision.model, requests[0].decision.charges[0])
        return try await measure(bench, requests, seconds) { start, count, now in
            var (decided, place) = (0, start)
            for _ in 0..<count {
                // A step that shares no factor with the number of tenants: no order helps.
                place += 7_919
                if place >= tenants.count { place %= tenants.count }
                let request = LaneRequest(
                    tenant: tenants[place], key: keys[place], model: model, first: charge)
                let answer = bench.node.admit(request, now: now, steady: now)
                if answer?.isAdmitted == admitted { decided += 1 }
            }
            return decided
        }
    }

    private func measureHandles(
        _ bench: AdmissionNode,
        _ requests: [AdmissionRequest],
        _ seconds: Double
    ) async throws -> Measured {
        var handles: [LaneHandle] = []
        let amounts = LaneAmounts(first: 1)
        // Few, as a caller that keeps handles has them.
        let requests = Array(requests.prefix(64))
        return try await measure(bench, requests, seconds) {
            handles = requests.compactMap { bench.node.handle(of: $0.lane) }
        } body: { start, count, now in
            var (decided, place) = (0, start)
            for _ in 0..<count {
                place = (place + 7) % handles.count
                let answer = bench.node.admit(handles[place], amounts, now: now, steady: now)
                if answer?.isAdmitted == true { decided += 1 }
            }
            return decided
        }
    }

    /// Rounds of decisions, in the time of this thread; what the server does beside them is not
    /// counted.
    private func measure(
        _ bench: AdmissionNode,
        _ requests: [AdmissionRequest],
        _ seconds: Double,
        prepare: () -> Void = {},
        body: (_ start: Int, _ count: Int, _ now: Timestamp) -> Int
    ) async throws -> Measured {
        var (count, elapsed, allocations) = (0, Int64(0), Int64(0))
        // What grows once has grown after this.
        try await bench.tend(requests)
        prepare()
        _ = body(0, Self.round, BenchClock.now())
        // Most of the time goes to what is not counted: each round is folded.
        let begin = ContinuousClock.now
        while count < 3 * Self.round || begin.duration(to: .now) < .seconds(seconds) {
            try await bench.tend(requests)
            prepare()
            let now = BenchClock.now()
            let before = weir_allocations()
            let start = BenchClock.threadNanoseconds()
            let decided = body(count % requests.count, Self.round, now)
            elapsed += BenchClock.threadNanoseconds() - start
            allocations += weir_allocations() - before
            guard decided == Self.round else {
                throw LoadFailure("\(Self.round - decided) decisions were others than expected")
            }
            count += Self.round
        }
        return Measured(
            nanoseconds: Double(elapsed) / Double(count),
            allocations: Double(allocations) / Double(count))
    }
}
