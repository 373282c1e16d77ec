package import QuotaEngine
package import QuotaLedger
package import QuotaModel
import Synchronization

/// Answers in a ledger's place.
package protocol StandInAnswers: Sendable {
    /// The answer to a command; nil when the ledger shall give it.
    func answer(_ command: LedgerCommand) -> LedgerAnswer?
    /// A tenant; nil when the ledger shall tell.
    func tenant(_ id: TenantID) -> Tenant?
}

/// A ledger in memory that counts what is asked of it, whose disk can be full, and for which
/// another can answer.
package final class CountingLedger: Ledger {
    private let base: MemoryLedger
    private let commits = Atomic<Int>(0)
    private let tenants = Atomic<Int>(0)
    private let publicIDs = Atomic<Int>(0)
    private let isFull = Atomic<Bool>(false)
    private let standIn: (any StandInAnswers)?
    private let beforeTenant = Mutex<(@Sendable (TenantID) async -> Void)?>(nil)

    /// Counts what is asked of another one.
    ///
    /// - Parameters:
    ///   - base: the other one.
    ///   - standIn: answers before it is asked; nil for nobody.
    package init(_ base: MemoryLedger, standIn: (any StandInAnswers)? = nil) {
        self.base = base
        self.standIn = standIn
    }

    /// How often it was asked to change something, or to read a tenant.
    package var calls: Int { commits.load(ordering: .relaxed) + tenantReads }

    /// How often a tenant was read.
    package var tenantReads: Int { tenants.load(ordering: .relaxed) }

    /// How often a key was looked up by the part of it that may be seen.
    package var keyLookups: Int { publicIDs.load(ordering: .relaxed) }

    /// Refuses what has to be written about leases and settings, or takes it again.
    package func setFull(_ full: Bool) { isFull.store(full, ordering: .relaxed) }

    /// Does something before a tenant is read.
    package func beforeReadingTenants(_ body: @escaping @Sendable (TenantID) async -> Void) {
        beforeTenant.withLock { $0 = body }
    }

    package func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer] {
        commits.add(1, ordering: .relaxed)
        if isFull.load(ordering: .relaxed), commands.contains(where: \.isRefusedWhenFull) {
            throw LedgerError(.diskFull, "the disk is full")
        }
        if let standIn {
            let answers = commands.compactMap(standIn.answer)
            if answers.count == commands.count { return answers }
        }
        return try await base.commit(commands)
    }

    package func tenant(_ id: TenantID) async throws(LedgerError) -> Tenant? {
        tenants.add(1, ordering: .relaxed)
        if let body = beforeTenant.withLock({ $0 }) { await body(id) }
        if let tenant = standIn?.tenant(id) { return tenant }
        return await base.tenant(id)
    }

    package func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async throws(LedgerError) -> [Tenant] {
        await base.tenants(of: organization, after: id, limit: limit)
    }

    package func key(_ id: APIKeyID) async throws(LedgerError) -> KeyRecord? {
        await base.key(id)
    }

    package func key(publicID: String) async throws(LedgerError) -> KeyRecord? {
        publicIDs.add(1, ordering: .relaxed)
        return await base.key(publicID: publicID)
    }

    package func keys(
        of owner: KeyOwner,
        after id: APIKeyID?,
        limit: Int
    ) async throws(LedgerError) -> [KeyRecord] {
        await base.keys(of: owner, after: id, limit: limit)
    }

    package func plans() async throws(LedgerError) -> [Plan] {
        await base.plans()
    }

    package func meters() async throws(LedgerError) -> [Meter] {
        await base.meters()
    }

    package func reservation(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        await base.reservation(id)
    }

    package func answer(_ id: IdempotencyID) async throws(LedgerError) -> IdempotencyRecord? {
        await base.answer(id)
    }

    package func setting(_ name: String) async throws(LedgerError) -> String? {
        await base.setting(name)
    }

    package func accounts(of tenant: TenantID) async throws(LedgerError) -> [AccountRecord] {
        await base.accounts(of: tenant)
    }

    package func archives(of tenant: TenantID, limit: Int) async throws(LedgerError)
        -> [ArchiveRecord]
    {
        await base.archives(of: tenant, limit: limit)
    }

    package func unclosedGrants(of tenant: TenantID) async throws(LedgerError) -> [GrantRecord] {
        await base.unclosedGrants(of: tenant)
    }

    package func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async throws(LedgerError) -> [UsageEvent] {
        await base.events(of: tenant, after: cursor, limit: limit)
    }

    package func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async throws(LedgerError) -> [HourlyUsageKey: UsageSum] {
        await base.hourlyUsage(of: tenant, from: start, until: end)
    }

    package func days(
        of key: APIKeyID,
        tenant: TenantID?,
        from first: CivilDate,
        through last: CivilDate
    ) async throws(LedgerError) -> [KeyDayUsage] {
        await base.days(of: key, tenant: tenant, from: first, through: last)
    }

    package func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(LedgerError) -> [MeterDayUsage] {
        await base.usage(of: meter, on: date, page: page)
    }

    package func usageTotals(
        of meter: MeterID,
        on date: CivilDate,
        exceededAt instant: Timestamp
    ) async throws(LedgerError) -> UsageTotals {
        await base.usageTotals(of: meter, on: date, exceededAt: instant)
    }

    package func entryBatches(after number: Int64, limit: Int) async throws(LedgerError)
        -> [EntryBatch]
    {
        await base.entryBatches(after: number, limit: limit)
    }

    package func statistics() async throws(LedgerError) -> LedgerStatistics {
        await base.statistics()
    }

    package func dropCaches() async throws(LedgerError) -> Int {
        await base.dropCaches()
    }

    package func notifications(
        _ page: NotificationPage
    ) async throws(LedgerError) -> [QuotaNotification] {
        await base.notifications(page)
    }

    package func lastNotification() async throws(LedgerError) -> Int64 {
        await base.lastNotification()
    }

    package func endpoints() async throws(LedgerError) -> [WebhookEndpoint] {
        await base.endpoints()
    }

    package func deliveries(
        _ page: DeliveryPage
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        await base.deliveries(page)
    }

    package func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        await base.dueDeliveries(at: now, perEndpoint: perEndpoint)
    }

    package func hasTenants(
        on plan: PlanID,
        from now: Timestamp
    ) async throws(LedgerError) -> Bool {
        await base.hasTenants(on: plan, from: now)
    }

    package func organization(_ id: OrganizationID) async throws(LedgerError) -> Organization? {
        await base.organization(id)
    }

    package func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(LedgerError) -> [Organization] {
        await base.organizations(after: id, limit: limit)
    }

    package func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(LedgerError) -> [LimitOverride] {
        await base.overrides(of: tenant, after: id, limit: limit)
    }

    package func periods(_ page: PeriodPage) async throws(LedgerError) -> [PeriodRecord] {
        await base.periods(page)
    }

    package func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async throws(LedgerError) -> [Reservation] {
        await base.heldReservations(of: tenant, after: place, limit: limit)
    }

    package func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(LedgerError) -> [SuspectGrant] {
        await base.suspectGrants(of: tenant, after: place, limit: limit)
    }

    package func usageSums(_ page: UsageSumPage) async throws(LedgerError) -> [UsageGroup] {
        await base.usageSums(page)
    }

    package func judge(_ tenants: [WhatIfTenant]) async throws(LedgerError) -> [WhatIfRefusals] {
        await base.judge(tenants)
    }

    package func events(_ page: EventPage) async throws(LedgerError) -> [UsageEvent] {
        await base.events(page)
    }

    package func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async throws(LedgerError) -> [AuditEntry] {
        await base.audit(filter, before: number, limit: limit)
    }
}

extension LedgerCommand {
    fileprivate var isRefusedWhenFull: Bool {
        switch self {
        case .draw, .fold, .putSetting: true
        default: false
        }
    }
}
