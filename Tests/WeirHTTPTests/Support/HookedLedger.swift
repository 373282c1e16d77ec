import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization

/// A ledger that a test can hold back or let fail, and that counts its calls.
final class HookedLedger: Ledger {
    typealias Hook = @Sendable ([LedgerCommand]) async throws(LedgerError) -> Void

    private let base: any Ledger
    private let hook = Mutex<Hook?>(nil)
    private let answerHook = Mutex<(@Sendable () async -> Void)?>(nil)
    private let notificationHook = Mutex<(@Sendable () async -> Void)?>(nil)
    private let readFailure = Mutex<LedgerError?>(nil)
    private let tenantReads = Atomic<Int>(0)

    init(_ base: any Ledger) {
        self.base = base
    }

    /// How often a tenant was read.
    var tenantReadCount: Int { tenantReads.load(ordering: .relaxed) }

    /// Runs something before each batch of commands; nil stops that.
    func beforeCommit(_ hook: Hook?) {
        self.hook.withLock { $0 = hook }
    }

    /// Runs something before each look for a kept answer; nil stops that.
    func beforeAnswer(_ hook: (@Sendable () async -> Void)?) {
        answerHook.withLock { $0 = hook }
    }

    /// Runs something before each look for notifications; nil stops that.
    func beforeNotifications(_ hook: (@Sendable () async -> Void)?) {
        notificationHook.withLock { $0 = hook }
    }

    /// Lets every call fail from now on; nil ends that.
    func fail(_ error: LedgerError?) {
        readFailure.withLock { $0 = error }
    }

    private func checkAvailable() throws(LedgerError) {
        if let error = readFailure.withLock({ $0 }) { throw error }
    }

    func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer] {
        try checkAvailable()
        let hook = hook.withLock { $0 }
        if let hook { try await hook(commands) }
        return try await base.commit(commands)
    }

    func judge(_ tenants: [WhatIfTenant]) async throws(LedgerError) -> [WhatIfRefusals] {
        try checkAvailable()
        return try await base.judge(tenants)
    }

    func tenant(_ id: TenantID) async throws(LedgerError) -> Tenant? {
        try checkAvailable()
        tenantReads.add(1, ordering: .relaxed)
        return try await base.tenant(id)
    }

    func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async throws(LedgerError) -> [Tenant] {
        try checkAvailable()
        return try await base.tenants(of: organization, after: id, limit: limit)
    }

    func key(_ id: APIKeyID) async throws(LedgerError) -> KeyRecord? {
        try checkAvailable()
        return try await base.key(id)
    }

    func key(publicID: String) async throws(LedgerError) -> KeyRecord? {
        try checkAvailable()
        return try await base.key(publicID: publicID)
    }

    func keys(
        of owner: KeyOwner,
        after id: APIKeyID?,
        limit: Int
    ) async throws(LedgerError) -> [KeyRecord] {
        try checkAvailable()
        return try await base.keys(of: owner, after: id, limit: limit)
    }

    func plans() async throws(LedgerError) -> [Plan] {
        try checkAvailable()
        return try await base.plans()
    }

    func meters() async throws(LedgerError) -> [Meter] {
        try checkAvailable()
        return try await base.meters()
    }

    func reservation(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        try checkAvailable()
        return try await base.reservation(id)
    }

    func answer(_ id: IdempotencyID) async throws(LedgerError) -> IdempotencyRecord? {
        try checkAvailable()
        let hook = answerHook.withLock { $0 }
        if let hook { await hook() }
        return try await base.answer(id)
    }

    func setting(_ name: String) async throws(LedgerError) -> String? {
        try checkAvailable()
        return try await base.setting(name)
    }

    func accounts(of tenant: TenantID) async throws(LedgerError) -> [AccountRecord] {
        try checkAvailable()
        return try await base.accounts(of: tenant)
    }

    func archives(of tenant: TenantID, limit: Int) async throws(LedgerError) -> [ArchiveRecord] {
        try checkAvailable()
        return try await base.archives(of: tenant, limit: limit)
    }

    func unclosedGrants(of tenant: TenantID) async throws(LedgerError) -> [GrantRecord] {
        try checkAvailable()
        return try await base.unclosedGrants(of: tenant)
    }

    func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async throws(LedgerError) -> [UsageEvent] {
        try checkAvailable()
        return try await base.events(of: tenant, after: cursor, limit: limit)
    }

    func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async throws(LedgerError) -> [HourlyUsageKey: UsageSum] {
        try checkAvailable()
        return try await base.hourlyUsage(of: tenant, from: start, until: end)
    }

    func days(
        of key: APIKeyID,
        tenant: TenantID?,
        from first: CivilDate,
        through last: CivilDate
    ) async throws(LedgerError) -> [KeyDayUsage] {
        try checkAvailable()
        return try await base.days(of: key, tenant: tenant, from: first, through: last)
    }

    func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(LedgerError) -> [MeterDayUsage] {
        try checkAvailable()
        return try await base.usage(of: meter, on: date, page: page)
    }

    func usageTotals(
        of meter: MeterID,
        on date: CivilDate,
        exceededAt instant: Timestamp
    ) async throws(LedgerError) -> UsageTotals {
        try checkAvailable()
        return try await base.usageTotals(of: meter, on: date, exceededAt: instant)
    }

    func entryBatches(after number: Int64, limit: Int) async throws(LedgerError) -> [EntryBatch] {
        try checkAvailable()
        return try await base.entryBatches(after: number, limit: limit)
    }

    func statistics() async throws(LedgerError) -> LedgerStatistics {
        try checkAvailable()
        return try await base.statistics()
    }

    func dropCaches() async throws(LedgerError) -> Int {
        try checkAvailable()
        return try await base.dropCaches()
    }

    func notifications(
        _ page: NotificationPage
    ) async throws(LedgerError) -> [QuotaNotification] {
        try checkAvailable()
        let hook = notificationHook.withLock { $0 }
        await hook?()
        return try await base.notifications(page)
    }

    func lastNotification() async throws(LedgerError) -> Int64 {
        try checkAvailable()
        return try await base.lastNotification()
    }

    func endpoints() async throws(LedgerError) -> [WebhookEndpoint] {
        try checkAvailable()
        return try await base.endpoints()
    }

    func deliveries(_ page: DeliveryPage) async throws(LedgerError) -> [NotifiedDelivery] {
        try checkAvailable()
        return try await base.deliveries(page)
    }

    func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        try checkAvailable()
        return try await base.dueDeliveries(at: now, perEndpoint: perEndpoint)
    }

    func hasTenants(on plan: PlanID, from now: Timestamp) async throws(LedgerError) -> Bool {
        try checkAvailable()
        return try await base.hasTenants(on: plan, from: now)
    }

    func organization(_ id: OrganizationID) async throws(LedgerError) -> Organization? {
        try checkAvailable()
        return try await base.organization(id)
    }

    func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(LedgerError) -> [Organization] {
        try checkAvailable()
        return try await base.organizations(after: id, limit: limit)
    }

    func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(LedgerError) -> [LimitOverride] {
        try checkAvailable()
        return try await base.overrides(of: tenant, after: id, limit: limit)
    }

    func periods(_ page: PeriodPage) async throws(LedgerError) -> [PeriodRecord] {
        try checkAvailable()
        return try await base.periods(page)
    }

    func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async throws(LedgerError) -> [Reservation] {
        try checkAvailable()
        return try await base.heldReservations(of: tenant, after: place, limit: limit)
    }

    func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(LedgerError) -> [SuspectGrant] {
        try checkAvailable()
        return try await base.suspectGrants(of: tenant, after: place, limit: limit)
    }

    func usageSums(_ page: UsageSumPage) async throws(LedgerError) -> [UsageGroup] {
        try checkAvailable()
        return try await base.usageSums(page)
    }

    func events(_ page: EventPage) async throws(LedgerError) -> [UsageEvent] {
        try checkAvailable()
        return try await base.events(page)
    }

    func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async throws(LedgerError) -> [AuditEntry] {
        try checkAvailable()
        return try await base.audit(filter, before: number, limit: limit)
    }
}
