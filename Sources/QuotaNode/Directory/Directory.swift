import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// Tenants, keys, plans and meters as the node knows them: all plans and meters, and the tenants in
/// use.
final class Directory: Sendable {
    fileprivate struct State {
        var plans: [PlanID: Plan] = [:]
        /// The plans, the smallest first.
        var sortedPlans: [Plan] = []
        var meters: [MeterID: Meter] = [:]
        /// Grows with each change: what was read before it must not be kept after it.
        var generation = 0
        /// By tenant, then by key (nil for none).
        var entries: GenerationCache<TenantID, [APIKeyID?: TenantEntry]>
    }

    private let ledger: any Ledger
    private let settings: NodeSettings
    private let state: Mutex<State>
    /// Hears whose entries have changed; nil for all.
    private let onChange: @Sendable (TenantID?) -> Void

    init(
        ledger: any Ledger,
        settings: NodeSettings,
        onChange: @escaping @Sendable (TenantID?) -> Void
    ) async throws(LedgerError) {
        self.ledger = ledger
        self.settings = settings
        self.onChange = onChange
        state = Mutex(
            State(
                entries: GenerationCache(maximumCount: settings.cacheSize)))
        try await reloadPlansAndMeters()
    }

    // MARK: Plans and meters

    /// The plans, the smallest first.
    var plans: [Plan] { state.withLock { $0.sortedPlans } }

    var meters: [MeterID: Meter] { state.withLock { $0.meters } }

    func plan(_ id: PlanID) -> Plan? { state.withLock { $0.plans[id.canonical] } }

    /// Whether the limits of a plan hold for a tenant.
    func holds(_ plan: PlanID, for tenant: Tenant, now: Timestamp) -> Bool {
        resolvePlan(tenant, now: now).plan.id == plan
    }

    /// The plans whose limits held, hold or will hold for a tenant, by what is decided.
    func plans(of tenant: Tenant) -> [Plan] {
        let plans = state.withLock { $0.plans }
        let names = Set([tenant.firstPlan] + tenant.planSteps.map(\.plan))
        return names.compactMap { plans[$0.canonical] ?? plans[.fallback] }
    }

    /// The plan that holds for a tenant, and why.
    func resolvePlan(_ tenant: Tenant, now: Timestamp) -> ResolvedPlan {
        let plans = state.withLock { $0.plans }
        return ResolvedPlan(of: tenant, at: now) { plans[$0.canonical] }
    }

    func meter(_ id: MeterID) -> Meter? { state.withLock { $0.meters[id] } }

    /// Reads plans and meters again, and forgets what was compiled from the old ones.
    func reloadPlansAndMeters() async throws(LedgerError) {
        let plans = try await ledger.plans()
        let meters = try await ledger.meters()
        state.withLock { state in
            state.plans = Dictionary(plans.map { ($0.id, $0) }) { first, _ in first }
            state.sortedPlans = plans.sorted { ($0.weight, $0.id) < ($1.weight, $1.id) }
            state.meters = Dictionary(meters.map { ($0.id, $0) }) { first, _ in first }
            state.generation += 1
            state.entries.removeAll()
        }
        onChange(nil)
    }

    // MARK: Tenants

    /// The most keys of one tenant whose entries are kept.
    fileprivate static let maximumKeys = 1_024
    /// How often an entry is read again when something changes meanwhile.
    private static let maximumReads = 4

    /// How many tenants are cached.
    var count: Int { state.withLock { $0.entries.count } }

    /// The entry of a tenant, or of one of its keys, where it is known well enough.
    func cached(_ id: TenantEntry.ID, now: Timestamp) -> TenantEntry? {
        guard let entry = state.withLock({ $0.entries.value(id.tenant)?[id.key] }),
            now.nanoseconds(since: entry.loadedAt) < settings.cacheTTLNanoseconds,
            entry.entitlements.validUntil.map({ now < $0 }) ?? true
        else { return nil }
        return entry
    }

    /// The entry of a tenant, or of one of its keys.
    ///
    /// - Returns: nil when there is no such tenant; the entry's key is nil when there is no such
    ///   key of it.
    func entry(_ id: TenantEntry.ID, now: Timestamp) async throws(LedgerError) -> TenantEntry? {
        if let cached = cached(id, now: now) { return cached }
        var reads = 0
        while true {
            let generation = state.withLock { $0.generation }
            guard let entry = try await read(id, now: now) else { return nil }
            reads += 1
            // What was read before a change must not stay; where changes never pause, it is used
            // once.
            let isKept = state.withLock { state in
                guard state.generation == generation else { return false }
                state.keep(entry, id)
                return true
            }
            if isKept || reads == Self.maximumReads { return entry }
        }
    }

    /// Whether a tenant's plans have what carries over for each of its keys.
    func carriesForKeys(_ tenant: Tenant) -> Bool {
        plans(of: tenant).contains(where: \.carriesForKeys)
    }

    /// The entry of a tenant; those of its keys, too, where they are asked for, or its plans carry
    /// something over for keys.
    func entries(
        of id: TenantID,
        withKeys: Bool = false,
        now: Timestamp
    ) async throws(LedgerError) -> [TenantEntry] {
        let tenant = try await entry(TenantEntry.ID(tenant: id, key: nil), now: now)
        guard let tenant else { return [] }
        guard withKeys || carriesForKeys(tenant.tenant) else { return [tenant] }
        let pageSize = 500
        var entries = [tenant]
        var last: APIKeyID?
        while true {
            let page = try await ledger.keys(of: .tenant(id), after: last, limit: pageSize)
            for record in page {
                let key = try await entry(
                    TenantEntry.ID(tenant: id, key: record.key.id), now: now)
                if let key { entries.append(key) }
            }
            guard page.count == pageSize else { return entries }
            last = page.last?.key.id
        }
    }

    private func read(
        _ id: TenantEntry.ID,
        now: Timestamp
    ) async throws(LedgerError) -> TenantEntry? {
        guard let profile = try await ledger.profile(of: id.tenant) else { return nil }
        let tenant = profile.tenant
        var key: APIKey?
        if let keyID = id.key, let record = try await ledger.key(keyID),
            record.key.tenant == tenant.id
        {
            key = record.key
        }
        return compile(
            tenant, key: key, overrides: profile.overrides, organization: profile.organization,
            now: now)
    }

    /// What holds for a tenant, with its overrides and organization.
    func compile(
        _ tenant: Tenant,
        key: APIKey?,
        now: Timestamp
    ) async throws(LedgerError) -> TenantEntry {
        let overrides = try await ledger.overrides(
            of: tenant.id, after: nil, limit: LimitOverride.maximumPerTenant)
        var organization: Organization?
        if let name = tenant.organization {
            organization = try await ledger.organization(OrganizationID(trusted: name))
        }
        return compile(
            tenant, key: key, overrides: overrides, organization: organization, now: now)
    }

    /// What holds for a tenant; also for one that does not exist yet.
    func compile(
        _ tenant: Tenant,
        key: APIKey? = nil,
        overrides: [LimitOverride] = [],
        organization: Organization? = nil,
        now: Timestamp
    ) -> TenantEntry {
        let plans = state.withLock { $0.plans }
        let catalog = { (id: PlanID) in plans[id.canonical] }
        let plan = ResolvedPlan(of: tenant, at: now, in: catalog).plan
        return TenantEntry(
            tenant: tenant,
            key: key,
            calendar: TenantCalendar(tenant),
            organizationCalendar: organization.map { TenantCalendar($0) },
            entitlements: Entitlements(
                tenant: tenant, plan: plan, key: key, overrides: overrides,
                organization: organization, now: now, catalog: catalog),
            loadedAt: now)
    }

    /// Forgets a tenant and its keys: something of it has changed.
    func forget(_ tenant: TenantID) {
        state.withLock { state in
            state.generation += 1
            state.entries.remove(tenant)
        }
        onChange(tenant)
    }

    /// Forgets all tenants; answers how many there were.
    func clear() -> Int {
        let count = state.withLock { state in
            let count = state.entries.count
            state.generation += 1
            state.entries.removeAll()
            return count
        }
        onChange(nil)
        return count
    }

    /// Whether an entry is the one that is cached.
    func isCurrent(_ entry: TenantEntry) -> Bool {
        state.withLock { $0.entries.value(entry.tenant.id)?[entry.key?.id] } === entry
    }
}

extension Directory.State {
    fileprivate mutating func keep(_ entry: TenantEntry, _ id: TenantEntry.ID) {
        var ofTenant = entries.value(id.tenant) ?? [:]
        if ofTenant.count >= Directory.maximumKeys { ofTenant = [:] }
        ofTenant[id.key] = entry
        entries.put(ofTenant, id.tenant)
    }
}
