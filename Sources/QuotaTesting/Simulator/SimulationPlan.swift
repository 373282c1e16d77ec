import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// What a simulated cluster looks like; everything follows from the seed.
struct SimulationPlan {
    /// One tenant, with the limits that hold for it now.
    struct Tenant {
        let id: TenantID
        var limits: [CompiledLimit]
        var revision: Int64 = 1
    }

    static let tokens = Meter.aiTokens.id
    static let calls = Meter.apiCalls.id
    static let calendar = TenantCalendar(zone: .utc)

    /// Whether answers wait until the journal is on the disk.
    let isDurable: Bool
    /// How many nodes there are.
    let nodeCount: Int
    /// How likely a message is lost, and how likely it comes twice.
    private(set) var lossPercent: Int
    private(set) var doublePercent: Int
    var tenants: [Tenant]

    init(_ random: inout SeededRandom) {
        isDurable = Bool.random(using: &random)
        nodeCount = Int.random(in: 1...3, using: &random)
        lossPercent = [0, 5, 25].randomElement(using: &random) ?? 5
        doublePercent = [0, 5, 25].randomElement(using: &random) ?? 5
        var tenants: [Tenant] = []
        for number in 0..<Int.random(in: 1...3, using: &random) {
            let limits = [
                Limit(
                    meter: Self.tokens, window: .day,
                    quantity: Int64.random(in: 10...300, using: &random)),
                Limit(
                    meter: Self.tokens, window: number == 0 ? .lifetime : .month,
                    quantity: Bool.random(using: &random)
                        ? Int64.random(in: 100...2_000, using: &random) : nil),
                Limit(
                    meter: Self.calls, window: .month,
                    quantity: Int64.random(in: 5...60, using: &random)),
            ]
            // Some tenants have no budget of calls.
            let isBounded = Int.random(in: 0..<4, using: &random) != 0
            tenants.append(
                Tenant(
                    id: TenantID(trusted: "t\(number)"),
                    limits: limits.prefix(isBounded ? 3 : 2)
                        .map {
                            CompiledLimit($0, key: nil, source: .plan, revision: 1)
                        }))
        }
        self.tenants = tenants
    }

    /// From now on the network works.
    mutating func heal() {
        lossPercent = 0
        doublePercent = 0
    }

    /// Gives one limit of a tenant another quantity.
    mutating func change(_ place: Int, limit: Int, to quantity: Int64?) {
        tenants[place].revision += 1
        let revision = tenants[place].revision
        tenants[place].limits = tenants[place].limits.enumerated()
            .map { index, compiled in
                var changed = compiled.limit
                if index == limit { changed.quantity = quantity }
                return CompiledLimit(changed, key: nil, source: .plan, revision: revision)
            }
    }
}
