// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import QuotaEngine
public import QuotaModel
import Synchronization

/// The reference ledger: everything in memory, one lock, no durability.
///
/// It is what other stores are compared with, and what tests of the layers above run on.
public final class MemoryLedger: Ledger {
    private let store: Mutex<MemoryStore>
    private let clock: @Sendable () -> Timestamp
    private let steadyClock: @Sendable () -> Timestamp

    /// Creates a ledger with the built-in plans and meters.
    ///
    /// - Parameters:
    ///   - clock: the ledger's clock, asked once a transaction.
    ///   - steadyClock: a clock that nobody can set, for rates; nil takes `clock`.
    public init(
        clock: @escaping @Sendable () -> Timestamp,
        steadyClock: (@Sendable () -> Timestamp)? = nil
    ) {
        self.clock = clock
        self.steadyClock = steadyClock ?? clock
        store = Mutex(MemoryStore(plans: Plan.builtIn, meters: Meter.builtIn))
    }

    public func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer] {
        try read { (store: inout MemoryStore) throws(LedgerError) -> [LedgerAnswer] in
            try store.commit(commands, now: clock(), steady: steadyClock())
        }
    }

    /// Goes on as if the ledger had been stopped and started: with the same rows.
    public func restart() {
        store.withLock { $0.restart(steady: steadyClock()) }
    }

    func withStore<Result: Sendable>(_ body: (MemoryStore) -> Result) -> Result {
        store.withLock { body($0) }
    }

    private func read<Result: Sendable>(
        _ body: (inout MemoryStore) throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result {
        try store.withLock { (store: inout MemoryStore) throws(LedgerError) -> Result in
            try body(&store)
        }
    }
}

extension MemoryLedger {
    public func tenant(_ id: TenantID) async -> Tenant? {
        store.withLock { $0.tenants[id] }
    }

    public func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async -> [Tenant] {
        store.withLock { store in
            let found = store.tenants.values.filter { tenant in
                (organization == nil
                    || tenant.organization.map(ExactString.init)
                        == organization?.exact)
                    && (id == nil || tenant.id > id!)
            }
            return page(found, limit, by: \.id)
        }
    }

    public func hasTenants(on plan: PlanID, from now: Timestamp) async -> Bool {
        store.withLock { store in
            store.tenants.values.contains { $0.isOn(plan, from: now) }
        }
    }

    public func organization(_ id: OrganizationID) async -> Organization? {
        store.withLock { $0.organizations[id] }
    }

    public func organizations(after id: OrganizationID?, limit: Int) async -> [Organization] {
        store.withLock { store in
            page(store.organizations.values.filter { id == nil || $0.id > id! }, limit, by: \.id)
        }
    }

    public func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async -> [LimitOverride] {
        store.withLock { store in
            let found = store.overrides.values.filter {
                (tenant == nil || $0.id.tenant == tenant) && (id == nil || $0.id > id!)
            }
            return page(found, limit, by: \.id)
        }
    }

    public func key(_ id: APIKeyID) async -> KeyRecord? {
        store.withLock { $0.keys[id] }
    }

    public func key(publicID: String) async -> KeyRecord? {
        store.withLock { store in
            store.keys.values.first { $0.credential.publicID == publicID }
        }
    }

    public func keys(of owner: KeyOwner, after id: APIKeyID?, limit: Int) async -> [KeyRecord] {
        store.withLock { store in
            let found = store.keys.values.filter { record in
                guard id == nil || record.key.id > id! else { return false }
                return switch owner {
                case .tenants: record.key.tenant != nil
                case .tenant(let tenant): record.key.tenant == tenant
                case .service: record.key.tenant == nil
                }
            }
            return page(found, limit, by: \.key.id)
        }
    }

    public func plans() async -> [Plan] {
        store.withLock { store in
            store.plans.values.sorted { ($0.weight, $0.id) < ($1.weight, $1.id) }
        }
    }

    public func meters() async -> [Meter] {
        store.withLock { store in store.meters.values.sorted { $0.id < $1.id } }
    }

    public func reservation(_ id: ReservationID) async -> Reservation? {
        store.withLock { $0.reservations[id] }
    }

    public func answer(_ id: IdempotencyID) async -> IdempotencyRecord? {
        store.withLock { $0.answers[id] }
    }

    public func setting(_ name: String) async -> String? {
        store.withLock { $0.settings[name] }
    }

    public func accounts(of tenant: TenantID) async -> [AccountRecord] {
        store.withLock { store in
            store.accounts.values.filter { $0.key.tenant == tenant }
                .sorted { ($0.key.limit, $0.period.start) < ($1.key.limit, $1.period.start) }
        }
    }

    public func archives(of tenant: TenantID, limit: Int) async -> [ArchiveRecord] {
        store.withLock { store in
            let found = store.archives.filter { $0.record.key.tenant == tenant }
                .sorted {
                    let (left, right) = ($0.record, $1.record)
                    if left.period.start != right.period.start {
                        return left.period.start > right.period.start
                    }
                    return left.key.limit < right.key.limit
                }
            return Array(found.prefix(limit))
        }
    }

    public func unclosedGrants(of tenant: TenantID) async -> [GrantRecord] {
        store.withLock { store in
            store.grants.values
                .filter { $0.account.key.tenant == tenant && $0.grant.state != .closed }
                .sorted { left, right in
                    let (left, right) = (left.grant.id, right.grant.id)
                    return (left.sequence, ExactString(left.holder), left.incarnation)
                        < (right.sequence, ExactString(right.holder), right.incarnation)
                }
        }
    }

    public func entryBatches(after number: Int64, limit: Int) async -> [EntryBatch] {
        store.withLock { store in
            Array(store.batches.filter { $0.number > number }.prefix(limit))
        }
    }

    public func statistics() async -> LedgerStatistics {
        store.withLock { store in
            LedgerStatistics(
                tenants: store.tenants.count,
                openReservations: store.reservations.values.count { $0.state == .held },
                suspectGrants: store.suspects.count,
                sizeBytes: 0)
        }
    }

    public func dropCaches() async -> Int { 0 }
}

private func page<Element, Key: Comparable>(
    _ elements: [Element],
    _ limit: Int,
    by key: KeyPath<Element, Key>
) -> [Element] {
    Array(elements.sorted { $0[keyPath: key] < $1[keyPath: key] }.prefix(limit))
}
