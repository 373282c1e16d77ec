import QuotaEngine
import QuotaModel

/// The rows of the in-memory ledger.
struct MemoryStore: Sendable {
    /// What an event is posted once under.
    struct EventKey: Hashable, Sendable {
        let tenant: TenantID
        let id: ExactString
        let meter: MeterID
    }

    struct MeterDayRow: Sendable {
        var units: Int64
        var exceededUntil: Timestamp?
    }

    var ledgerHead = LedgerHead()
    var tenants: [TenantID: Tenant] = [:]
    var keys: [APIKeyID: KeyRecord] = [:]
    var organizations: [OrganizationID: Organization] = [:]
    var overrides: [LimitOverride.ID: LimitOverride] = [:]
    var audit: [AuditEntry] = []
    var plans: [PlanID: Plan] = [:]
    var meters: [MeterID: Meter] = [:]
    var settings: [String: String] = [:]
    var accounts: [AccountID: AccountRecord] = [:]
    /// The newest period of each limit; its account may be archived.
    var newest: [AccountKey: Timestamp] = [:]
    var archives: [ArchiveRecord] = []
    var grants: [GrantID: GrantRecord] = [:]
    var grantsByReservation: [ReservationID: [GrantID]] = [:]
    var reservations: [ReservationID: Reservation] = [:]
    var buckets: [AccountKey: BucketRecord] = [:]
    var answers: [IdempotencyID: IdempotencyRecord] = [:]
    var events: [EventKey: UsageEvent] = [:]
    var hourly: [HourlyUsageKey: UsageSum] = [:]
    var keyDays: [KeyDay: LedgerChanges.KeyDayGrowth] = [:]
    var meterDays: [MeterDay: MeterDayRow] = [:]
    var batches: [EntryBatch] = []

    init(plans: [Plan], meters: [Meter]) {
        for plan in plans { self.plans[plan.id] = plan }
        for meter in meters { self.meters[meter.id] = meter }
    }
}

extension MemoryStore: TransactionReader {
    var storeReads: Int { 0 }

    func head() -> LedgerHead { ledgerHead }

    func currentAccount(_ key: AccountKey) -> AccountRecord? {
        newest[key].flatMap { accounts[AccountID(key: key, periodStart: $0)] }
    }

    func account(_ id: AccountID) -> AccountRecord? { accounts[id] }

    func lastArchived(_ key: AccountKey) -> AccountRecord? {
        archives.map(\.record).filter { $0.key == key }.max { $0.period.end < $1.period.end }
    }

    func bucket(_ key: AccountKey) -> BucketRecord? { buckets[key] }

    func reservation(_ id: ReservationID) -> Reservation? { reservations[id] }

    func grants(of reservation: ReservationID) -> [GrantRecord] {
        (grantsByReservation[reservation] ?? []).compactMap { grants[$0] }
    }

    func unclosedGrants(of account: AccountID) -> [GrantRecord] {
        grants.values.filter { $0.account == account && $0.grant.state != .closed }
    }

    func answer(_ id: IdempotencyID) -> IdempotencyRecord? { answers[id] }

    func hasAnswers(before: Timestamp, orMoreThan maximum: Int) -> Bool {
        answers.count > maximum || answers.values.contains { $0.createdAt < before }
    }

    func tenant(_ id: TenantID) -> Tenant? { tenants[id] }

    func key(_ id: APIKeyID) -> KeyRecord? { keys[id] }

    func organization(_ id: OrganizationID) -> Organization? { organizations[id] }

    func override(_ id: LimitOverride.ID) -> LimitOverride? { overrides[id] }

    func grant(_ id: GrantID) -> GrantRecord? { grants[id] }

    func event(_ id: String, tenant: TenantID, meter: MeterID?) -> UsageEvent? {
        let id = ExactString(id)
        if let meter { return events[EventKey(tenant: tenant, id: id, meter: meter)] }
        return events.filter { $0.key.tenant == tenant && $0.key.id == id }.values
            .min { $0.meter < $1.meter }
    }

    func keyExists(_ id: APIKeyID, publicID: String) -> Bool {
        keys[id] != nil || keys.values.contains { $0.credential.publicID == publicID }
    }

    func planExists(_ id: PlanID) -> Bool { plans[id] != nil }

    func meter(_ id: MeterID) -> Meter? { meters[id] }

    func dueReservations(now: Timestamp, limit: Int) -> [ReservationID] {
        let due = reservations.values.filter { $0.state == .held && $0.expiresAt <= now }
        return due.sorted { $0.expiresAt < $1.expiresAt }.prefix(limit).map(\.id)
    }

    func dueAccounts(now: Timestamp, graceEnd: Timestamp, limit: Int) -> [AccountID] {
        let due = accounts.values.filter { record in
            record.period.end <= now
                && (!record.account.hasOutstandingGrants || record.period.end <= graceEnd)
        }
        return due.sorted { $0.period.end < $1.period.end }.prefix(limit).map(\.id)
    }
}
