import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// What a simulated cluster looks like; everything follows from the seed.
struct SimulationPlan {
    /// One tenant, with the limits that hold for it now.
    struct Tenant {
        let id: TenantID
        /// Whether limits refuse.
        let isEnforced: Bool
        var limits: [CompiledLimit]
    }

    static let tokens = Meter.aiTokens.id
    static let calls = Meter.apiCalls.id
    static let seats = Meter.teamMembers.id
    static let meters = [Meter.aiTokens, Meter.apiCalls, Meter.teamMembers]
    static let calendar = TenantCalendar(zone: .utc)
    static let organization = OrganizationID(trusted: "o")

    /// Whether answers wait until the journal is on the disk.
    let isDurable: Bool
    /// How many nodes there are.
    let nodeCount: Int
    /// How likely a message is lost, and how likely it comes twice.
    private(set) var lossPercent: Int
    private(set) var doublePercent: Int
    /// What tokens are counted in: some clusters count in very large numbers.
    let scale: Int64
    private(set) var tenants: [Tenant]
    private var revision: Int64 = 1

    init(_ random: inout SeededRandom) {
        isDurable = Bool.random(using: &random)
        nodeCount = Int.random(in: 1...3, using: &random)
        lossPercent = [0, 5, 25].randomElement(using: &random) ?? 5
        doublePercent = [0, 5, 25].randomElement(using: &random) ?? 5
        // The largest amounts are near 2⁵³.
        scale = Int.random(in: 0..<8, using: &random) == 0 ? 1 << 47 : 1
        let count = Int.random(in: 1...3, using: &random)
        let shared = Self.sharedLimit(&random, scale)
        let isShared = count > 1 && Bool.random(using: &random)
        var tenants: [Tenant] = []
        for number in 0..<count {
            let policy = Self.policy(&random, scale)
            var limits = Self.limits(number, &random, scale)
                .map { Self.compile($0, revision: 1, policy: policy) }
            // Beside the others of its meter, as a journal keeps them.
            if isShared {
                limits.insert(Self.compile(shared, revision: 1, policy: nil), at: 2)
            }
            tenants.append(
                Tenant(
                    id: TenantID(trusted: "t\(number)"),
                    isEnforced: isShared || Int.random(in: 0..<12, using: &random) != 0,
                    limits: limits))
        }
        self.tenants = tenants
    }

    private static func limits(
        _ number: Int,
        _ random: inout SeededRandom,
        _ scale: Int64
    ) -> [Limit] {
        let mode: Limit.Mode = Int.random(in: 0..<8, using: &random) == 0 ? .shadow : .enforce
        var limits = [
            Limit(
                meter: tokens, window: .day,
                quantity: Int64.random(in: 10...300, using: &random) * scale),
            Limit(
                meter: tokens, window: number == 0 ? .lifetime : .month,
                quantity: Bool.random(using: &random)
                    ? Int64.random(in: 100...2_000, using: &random) * scale : nil,
                mode: mode),
        ]
        // Some tenants have no budget of calls, some a rate.
        if Int.random(in: 0..<4, using: &random) != 0 {
            limits.append(
                Limit(
                    meter: calls, window: .month,
                    quantity: Int64.random(in: 5...60, using: &random)))
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            limits.append(
                Limit(
                    meter: calls, window: Bool.random(using: &random) ? .second : .minute,
                    quantity: Int64.random(in: 3...9, using: &random)))
        }
        return limits
    }

    /// How a tenant's periods close: every second tenant's carry nothing.
    private static func policy(_ random: inout SeededRandom, _ scale: Int64) -> RolloverPolicy? {
        let caps: [Rollover.Cap?] = [
            nil, .percent(Int.random(in: 0...150, using: &random)),
            .units(Int64.random(in: 0...200, using: &random) * scale),
            .total(Int64.random(in: 50...600, using: &random) * scale),
        ]
        let rollover = try? Rollover(
            cap: caps[Int.random(in: caps.indices, using: &random)],
            maxAgePeriods: Bool.random(using: &random) ? nil : .random(in: 1...3, using: &random),
            burnOrder: Bool.random(using: &random) ? .planFirst : .carriedFirst,
            overage: Bool.random(using: &random) ? .forgive : .carry)
        guard Bool.random(using: &random) else { return nil }
        return rollover.map { RolloverPolicy($0, version: 1) }
    }

    private static func sharedLimit(_ random: inout SeededRandom, _ scale: Int64) -> Limit {
        Limit(
            meter: tokens, scope: .organization,
            window: Bool.random(using: &random) ? .day : .month,
            quantity: Int64.random(in: 20...500, using: &random) * scale)
    }

    private static func compile(
        _ limit: Limit,
        revision: Int64,
        policy: RolloverPolicy?
    ) -> CompiledLimit {
        CompiledLimit(
            limit, key: nil, source: .plan, revision: revision,
            organization: limit.scope == .organization ? organization : nil,
            policy: policy)
    }

    /// From now on the network works.
    mutating func heal() {
        lossPercent = 0
        doublePercent = 0
    }

    /// Gives one limit of a tenant another quantity, everywhere where it holds.
    mutating func change(_ place: Int, limit index: Int, to quantity: Int64?) {
        revision += 1
        let isShared = tenants[place].limits[index].organization != nil
        for tenant in tenants.indices where isShared || tenant == place {
            tenants[tenant].limits = tenants[tenant].limits.enumerated()
                .map { number, compiled in
                    guard (compiled.organization != nil) == isShared else { return compiled }
                    var changed = compiled.limit
                    if isShared || number == index { changed.quantity = quantity }
                    return Self.compile(
                        changed, revision: revision, policy: compiled.policy)
                }
        }
    }

    /// The tenants that an account is of.
    func tenants(sharing key: AccountKey) -> [TenantID] {
        guard key.organization != nil else { return [key.tenant] }
        return tenants.filter { $0.limits.contains { $0.organization != nil } }.map(\.id)
    }

    func tenant(_ id: TenantID) -> Tenant? { tenants.first { $0.id == id } }

    /// The limits that do not refuse, or not everybody.
    var unbounded: Set<AccountKey> {
        var keys: Set<AccountKey> = []
        for tenant in tenants {
            for limit in tenant.limits where !tenant.isEnforced || limit.limit.mode == .shadow {
                keys.insert(limit.accountKey(of: tenant.id))
            }
        }
        return keys
    }
}
