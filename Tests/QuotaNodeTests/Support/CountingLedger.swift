import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// A ledger that counts what is read of it, and whose disk can be full.
final class CountingLedger: Ledger {
    private let base: MemoryLedger
    private let tenants = Atomic<Int>(0)
    private let publicIDs = Atomic<Int>(0)
    private let isFull = Atomic<Bool>(false)
    private let beforeTenant = Mutex<(@Sendable (TenantID) async -> Void)?>(nil)

    init(_ base: MemoryLedger) {
        self.base = base
    }

    /// How often a tenant was read.
    var tenantReads: Int { tenants.load(ordering: .relaxed) }

    /// How often a key was looked up by the part of it that may be seen.
    var keyLookups: Int { publicIDs.load(ordering: .relaxed) }

    /// Refuses what has to be written about leases, or takes it again.
    func setFull(_ full: Bool) { isFull.store(full, ordering: .relaxed) }

    /// Does something before a tenant is read.
    func beforeReadingTenants(_ body: @escaping @Sendable (TenantID) async -> Void) {
        beforeTenant.withLock { $0 = body }
    }

    func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer] {
        if isFull.load(ordering: .relaxed), commands.contains(where: \.isAboutLeases) {
            throw LedgerError(.diskFull, "the disk is full")
        }
        return try await base.commit(commands)
    }

    func tenant(_ id: TenantID) async throws(LedgerError) -> Tenant? {
        tenants.add(1, ordering: .relaxed)
        if let body = beforeTenant.withLock({ $0 }) { await body(id) }
        return await base.tenant(id)
    }

    func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async throws(LedgerError) -> [Tenant] {
        await base.tenants(of: organization, after: id, limit: limit)
    }

    func key(_ id: APIKeyID) async throws(LedgerError) -> KeyRecord? {
        await base.key(id)
    }

    func key(publicID: String) async throws(LedgerError) -> KeyRecord? {
        publicIDs.add(1, ordering: .relaxed)
        return await base.key(publicID: publicID)
    }

    func keys(
        of owner: KeyOwner,
        after id: APIKeyID?,
        limit: Int
    ) async throws(LedgerError) -> [KeyRecord] {
        await base.keys(of: owner, after: id, limit: limit)
    }

    func plans() async throws(LedgerError) -> [Plan] {
        await base.plans()
    }

    func meters() async throws(LedgerError) -> [Meter] {
        await base.meters()
    }

    func reservation(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        await base.reservation(id)
    }

    func answer(_ id: IdempotencyID) async throws(LedgerError) -> IdempotencyRecord? {
        await base.answer(id)
    }

    func setting(_ name: String) async throws(LedgerError) -> String? {
        await base.setting(name)
    }

    func accounts(of tenant: TenantID) async throws(LedgerError) -> [AccountRecord] {
        await base.accounts(of: tenant)
    }

    func archives(of tenant: TenantID, limit: Int) async throws(LedgerError) -> [ArchiveRecord] {
        await base.archives(of: tenant, limit: limit)
    }

    func unclosedGrants(of tenant: TenantID) async throws(LedgerError) -> [GrantRecord] {
        await base.unclosedGrants(of: tenant)
    }

    func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async throws(LedgerError) -> [UsageEvent] {
        await base.events(of: tenant, after: cursor, limit: limit)
    }

    func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async throws(LedgerError) -> [HourlyUsageKey: UsageSum] {
        await base.hourlyUsage(of: tenant, from: start, until: end)
    }

    func days(
        of key: APIKeyID,
        tenant: TenantID?,
        from first: CivilDate,
        through last: CivilDate
    ) async throws(LedgerError) -> [KeyDayUsage] {
        await base.days(of: key, tenant: tenant, from: first, through: last)
    }

    func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(LedgerError) -> [MeterDayUsage] {
        await base.usage(of: meter, on: date, page: page)
    }

    func usageTotals(
        of meter: MeterID,
        on date: CivilDate,
        exceededAt instant: Timestamp
    ) async throws(LedgerError) -> UsageTotals {
        await base.usageTotals(of: meter, on: date, exceededAt: instant)
    }

    func entryBatches(after number: Int64, limit: Int) async throws(LedgerError) -> [EntryBatch] {
        await base.entryBatches(after: number, limit: limit)
    }

    func statistics() async throws(LedgerError) -> LedgerStatistics {
        await base.statistics()
    }

    func dropCaches() async throws(LedgerError) -> Int {
        await base.dropCaches()
    }

    func hasTenants(on plan: PlanID) async throws(LedgerError) -> Bool {
        await base.hasTenants(on: plan)
    }

    func organization(_ id: OrganizationID) async throws(LedgerError) -> Organization? {
        await base.organization(id)
    }

    func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(LedgerError) -> [Organization] {
        await base.organizations(after: id, limit: limit)
    }

    func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(LedgerError) -> [LimitOverride] {
        await base.overrides(of: tenant, after: id, limit: limit)
    }

    func periods(_ page: PeriodPage) async throws(LedgerError) -> [PeriodRecord] {
        await base.periods(page)
    }

    func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async throws(LedgerError) -> [Reservation] {
        await base.heldReservations(of: tenant, after: place, limit: limit)
    }

    func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(LedgerError) -> [SuspectGrant] {
        await base.suspectGrants(of: tenant, after: place, limit: limit)
    }

    func usageSums(_ page: UsageSumPage) async throws(LedgerError) -> [UsageGroup] {
        await base.usageSums(page)
    }

    func events(_ page: EventPage) async throws(LedgerError) -> [UsageEvent] {
        await base.events(page)
    }

    func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async throws(LedgerError) -> [AuditEntry] {
        await base.audit(filter, before: number, limit: limit)
    }
}

extension LedgerCommand {
    fileprivate var isAboutLeases: Bool {
        switch self {
        case .draw, .fold: true
        default: false
        }
    }
}
