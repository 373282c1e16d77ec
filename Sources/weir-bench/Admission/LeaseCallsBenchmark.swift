import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting

/// How often a node asks its ledger: 10,000 tenants whose use follows Zipf's law with exponent 1,
/// each with 100,000 calls a day; 10,000 decisions a second, on a clock that is moved by hand.
///
/// Counted are all calls: draws, returns, folds, heartbeats.
struct LeaseCallsBenchmark: Benchmark {
    private static let tenants = 10_000
    private static let perMillisecond = 10
    private static let warmUpSeconds = 30
    private static let seconds = 10

    let name = "leases"

    func run(_ options: BenchOptions, _ report: inout BenchReport) async throws {
        let clock = ManualClock()
        let ledger = CountingLedger(MemoryLedger(clock: clock.read))
        var random = SeededRandom(seed: 1)
        var settings = NodeSettings()
        // The cache of entries holds at least half of its size.
        settings.cacheSize = 2 * Self.tenants
        let node = try await QuotaNode(
            ledger: ledger, settings: settings,
            peppers: [Pepper(version: 1, secret: [UInt8](repeating: 7, count: 32))],
            journal: .inMemory(), clock: clock.read, steadyClock: clock.read,
            random: { UInt64.random(in: .min ... .max) })
        let plan = PlanID(trusted: "bench")
        _ = try await node.put(
            Plan(
                id: plan, name: "bench", weight: 1,
                limits: [Limit(meter: Meter.apiCalls.id, window: .day, quantity: 100_000)]))
        var requests: [DecisionRequest] = []
        for number in 0..<Self.tenants {
            let id = TenantID(trusted: "tenant-\(number)")
            _ = try await node.create(Tenant(id: id, plan: plan, createdAt: clock.read()))
            requests.append(
                DecisionRequest(
                    tenant: id, charges: [Charge(meter: Meter.apiCalls.id, amount: 1)]))
        }
        let shares = Self.shares()
        var before = 0
        for second in 0..<(Self.warmUpSeconds + Self.seconds) {
            if second == Self.warmUpSeconds { before = ledger.calls }
            for millisecond in 0..<1_000 {
                for _ in 0..<Self.perMillisecond {
                    let place = Self.place(Double.random(in: 0..<1, using: &random), shares)
                    _ = try await node.decide(requests[place])
                }
                clock.advance(by: .milliseconds(1))
                if millisecond % 100 == 99 { try await node.fold() }
            }
            _ = try await node.sweep()
        }
        let decisions = Self.seconds * 1_000 * Self.perMillisecond
        try report.add(
            BenchResult(
                bench: "lease/calls",
                value: Double(ledger.calls - before) * 1e3 / Double(decisions),
                unit: "per 1,000 decisions", target: .valueAtMost(5)))
    }

    /// What part of all use the first tenants have together.
    private static func shares() -> [Double] {
        var sum = 0.0
        let sums = (1...tenants)
            .map { rank in
                sum += 1 / Double(rank)
                return sum
            }
        return sums.map { $0 / sum }
    }

    /// The first place whose share is larger.
    private static func place(_ share: Double, _ shares: [Double]) -> Int {
        var (low, high) = (0, shares.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if shares[middle] > share { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
