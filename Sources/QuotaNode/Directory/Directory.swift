import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// Tenants, keys, plans and meters as the node knows them: all plans and meters, and the tenants in
/// use.
final class Directory: Sendable {
    private struct State {
        var plans: [PlanID: Plan] = [:]
        var meters: [MeterID: Meter] = [:]
        /// Grows whenever plans and meters were read again.
        var generation = 0
        var entries: GenerationCache<TenantEntry.ID, TenantEntry>
        /// Keys by their public id, as long as entries live.
        var keys: GenerationCache<String, KeyRecord>
    }

    private let ledger: any Ledger
    private let settings: NodeSettings
    private let state: Mutex<State>

    init(ledger: any Ledger, settings: NodeSettings) async throws(LedgerError) {
        self.ledger = ledger
        self.settings = settings
        state = Mutex(
            State(
                entries: GenerationCache(maximumCount: settings.cacheSize),
                keys: GenerationCache(maximumCount: settings.cacheSize)))
        try await reloadPlansAndMeters()
    }

    // MARK: Plans and meters

    var plans: [Plan] {
        state.withLock { state in
            state.plans.values.sorted { ($0.weight, $0.id) < ($1.weight, $1.id) }
        }
    }

    var meters: [MeterID: Meter] { state.withLock { $0.meters } }

    func plan(_ id: PlanID) -> Plan? { state.withLock { $0.plans[id.canonical] } }

    func meter(_ id: MeterID) -> Meter? { state.withLock { $0.meters[id] } }

    /// Reads plans and meters again, and forgets what was compiled from the old ones.
    func reloadPlansAndMeters() async throws(LedgerError) {
        let plans = try await ledger.plans()
        let meters = try await ledger.meters()
        state.withLock { state in
            state.plans = Dictionary(plans.map { ($0.id, $0) }) { first, _ in first }
            state.meters = Dictionary(meters.map { ($0.id, $0) }) { first, _ in first }
            state.generation += 1
            state.entries.removeAll()
        }
    }

    // MARK: Tenants

    /// How many entries are cached.
    var count: Int { state.withLock { $0.entries.count } }

    /// The entry of a tenant, or of one of its keys, where it is known well enough.
    func cached(_ id: TenantEntry.ID, now: Timestamp) -> TenantEntry? {
        guard let entry = state.withLock({ $0.entries.value(id) }),
            now.nanoseconds(since: entry.loadedAt) < settings.cacheTTLNanoseconds
        else { return nil }
        return entry
    }

    /// The entry of a tenant, or of one of its keys.
    ///
    /// - Returns: nil when there is no such tenant; the entry's key is nil when there is no such
    ///   key of it.
    func entry(_ id: TenantEntry.ID, now: Timestamp) async throws(LedgerError) -> TenantEntry? {
        if let cached = cached(id, now: now) { return cached }
        guard let tenant = try await ledger.tenant(id.tenant) else {
            state.withLock { $0.entries.remove(id) }
            return nil
        }
        var key: APIKey?
        if let keyID = id.key, let record = try await ledger.key(keyID),
            record.key.tenant == tenant.id
        {
            key = record.key
        }
        while true {
            let generation = state.withLock { $0.generation }
            let entry = compile(tenant, key: key, now: now)
            // What was compiled from plans that have changed meanwhile must not stay.
            let isCurrent = state.withLock { state in
                guard state.generation == generation else { return false }
                state.entries.put(entry, id)
                return true
            }
            if isCurrent { return entry }
        }
    }

    /// What holds for a tenant; also for one that does not exist yet.
    func compile(_ tenant: Tenant, key: APIKey?, now: Timestamp) -> TenantEntry {
        let plan = plan(tenant.plan) ?? plan(.fallback) ?? Plan.builtIn[0]
        return TenantEntry(
            tenant: tenant,
            key: key,
            calendar: TenantCalendar(tenant),
            entitlements: Entitlements(tenant: tenant, plan: plan, key: key),
            loadedAt: now)
    }

    // MARK: Keys

    /// The key of a public id.
    func key(publicID: String) async throws(LedgerError) -> KeyRecord? {
        if let cached = state.withLock({ $0.keys.value(publicID) }) { return cached }
        guard let record = try await ledger.key(publicID: publicID) else { return nil }
        state.withLock { $0.keys.put(record, publicID) }
        return record
    }

    /// Forgets all entries; answers how many there were.
    func clear() -> Int {
        state.withLock { state in
            let count = state.entries.count
            state.entries.removeAll()
            state.keys.removeAll()
            return count
        }
    }
}
