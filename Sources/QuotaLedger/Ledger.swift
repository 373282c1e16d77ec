public import QuotaEngine
public import QuotaModel

/// The truth: what tenants have, may use and have used.
///
/// A store has to promise little. Commands come in batches; a store runs each batch as one durable
/// transaction (it may join several batches) and answers in order once it is committed. An answered
/// command survives the process. Reads see every command that was answered before they began.
/// Everything else, in particular who gets which unit, is decided by ``LedgerTransaction``, the
/// same code for every store. `QuotaTesting` holds the conformance suite.
public protocol Ledger: Sendable {
    /// Runs commands in order; each takes effect whole or not at all.
    func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer]

    /// A tenant.
    func tenant(_ id: TenantID) async throws(LedgerError) -> Tenant?
    /// A tenant with its overrides and its organization; a store may read them at once.
    func profile(of id: TenantID) async throws(LedgerError) -> TenantProfile?
    /// Tenants in the order of their ids, after `id`; of one organization, or all.
    func tenants(
        of organization: OrganizationID?,
        after id: TenantID?,
        limit: Int
    ) async throws(LedgerError) -> [Tenant]
    /// Whether a tenant is on a plan, by the name it was given, at an instant or will be later.
    func hasTenants(
        on plan: PlanID,
        from now: Timestamp
    ) async throws(LedgerError) -> Bool
    /// An organization.
    func organization(_ id: OrganizationID) async throws(LedgerError) -> Organization?
    /// Organizations in the order of their ids, after `id`.
    func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(LedgerError) -> [Organization]
    /// Overrides in the order of their ids, after `id`; of one tenant, or all; expired ones too.
    func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(LedgerError) -> [LimitOverride]
    /// A key.
    func key(_ id: APIKeyID) async throws(LedgerError) -> KeyRecord?
    /// A key by the part of it that may be seen.
    func key(publicID: String) async throws(LedgerError) -> KeyRecord?
    /// Keys in the order of their ids, after `id`; of one tenant, of all, or the service keys.
    func keys(
        of owner: KeyOwner,
        after id: APIKeyID?,
        limit: Int
    ) async throws(LedgerError) -> [KeyRecord]
    /// All plans, in the order of their weights and ids.
    func plans() async throws(LedgerError) -> [Plan]
    /// All meters, in the order of their ids.
    func meters() async throws(LedgerError) -> [Meter]
    /// A reservation.
    func reservation(_ id: ReservationID) async throws(LedgerError) -> Reservation?
    /// A kept answer.
    func answer(_ id: IdempotencyID) async throws(LedgerError) -> IdempotencyRecord?
    /// A setting of the ledger itself.
    func setting(_ name: String) async throws(LedgerError) -> String?

    /// The accounts of a tenant that are not archived, in the order of limit and period.
    func accounts(of tenant: TenantID) async throws(LedgerError) -> [AccountRecord]
    /// The periods of a tenant's limits, open and closed, in the order of ``PeriodRecord/Place``.
    func periods(_ page: PeriodPage) async throws(LedgerError) -> [PeriodRecord]
    /// Reservations that hold units, in the order of ``ReservationPlace``.
    func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async throws(LedgerError) -> [Reservation]
    /// Suspect grants of reservations, and suspect leases that have a rest, in the order of their
    /// ids.
    func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(LedgerError) -> [SuspectGrant]
    /// The units that a tenant used, by day, key, model or meter alone, in the order of the group
    /// and the meter.
    func usageSums(_ page: UsageSumPage) async throws(LedgerError) -> [UsageGroup]
    /// The events of a tenant, newest first unless the page says otherwise.
    func events(_ page: EventPage) async throws(LedgerError) -> [UsageEvent]
    /// Administrators' changes with a smaller number, newest first.
    func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async throws(LedgerError) -> [AuditEntry]
    /// The closed accounts of a tenant, newest period first.
    func archives(of tenant: TenantID, limit: Int) async throws(LedgerError) -> [ArchiveRecord]
    /// The grants of a tenant that are not closed.
    func unclosedGrants(of tenant: TenantID) async throws(LedgerError) -> [GrantRecord]
    /// The events of a tenant in the order of their ids, after `(id, meter)`.
    func events(
        of tenant: TenantID,
        after cursor: EventCursor?,
        limit: Int
    ) async throws(LedgerError) -> [UsageEvent]
    /// The hourly sums of a tenant from `start` until `end`.
    func hourlyUsage(
        of tenant: TenantID,
        from start: Timestamp,
        until end: Timestamp
    ) async throws(LedgerError) -> [HourlyUsageKey: UsageSum]
    /// The days of a key, in order.
    func days(
        of key: APIKeyID,
        tenant: TenantID?,
        from first: CivilDate,
        through last: CivilDate
    ) async throws(LedgerError) -> [KeyDayUsage]
    /// The tenants that used a meter on a day, in the order of their ids.
    func usage(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(LedgerError) -> [MeterDayUsage]
    /// How many tenants used a meter on a day, and how many of them had used up a budget of it at
    /// `instant`.
    func usageTotals(
        of meter: MeterID,
        on date: CivilDate,
        exceededAt instant: Timestamp
    ) async throws(LedgerError) -> UsageTotals
    /// Has the recorded use of tenants judged, each from where its judge reads on, in the order of
    /// time.
    ///
    /// A store stops, and throws `closed`, when the task is cancelled.
    func judge(_ tenants: [WhatIfTenant]) async throws(LedgerError) -> [WhatIfRefusals]
    /// Notifications in the order in which they were written.
    func notifications(
        _ page: NotificationPage
    ) async throws(LedgerError) -> [QuotaNotification]
    /// The number of the newest notification; 0 when there never was one.
    func lastNotification() async throws(LedgerError) -> Int64
    /// The webhook endpoints, by id.
    func endpoints() async throws(LedgerError) -> [WebhookEndpoint]
    /// The deliveries to an endpoint.
    func deliveries(_ page: DeliveryPage) async throws(LedgerError) -> [NotifiedDelivery]
    /// Deliveries to active endpoints that are due, the longest due first, at most so many of each
    /// endpoint.
    func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async throws(LedgerError) -> [NotifiedDelivery]
    /// The entry log after a batch, in order.
    func entryBatches(after number: Int64, limit: Int) async throws(LedgerError) -> [EntryBatch]
    /// Figures about the store itself.
    func statistics() async throws(LedgerError) -> LedgerStatistics
    /// Forgets what is only kept to be fast; answers how many things that were.
    func dropCaches() async throws(LedgerError) -> Int
}

/// Where a list of events goes on.
public struct EventCursor: Hashable, Sendable {
    /// The id of the last event.
    public let id: String
    /// Its meter.
    public let meter: MeterID

    /// Creates a cursor.
    public init(id: String, meter: MeterID) {
        self.id = id
        self.meter = meter
    }
}

/// Which part of a list is asked for.
public struct UsagePage: Hashable, Sendable {
    /// Only tenants after this one.
    public let after: TenantID?
    /// Leaves out this many.
    public let offset: Int
    /// The most rows.
    public let limit: Int

    /// Creates a page.
    public init(after: TenantID? = nil, offset: Int = 0, limit: Int) {
        self.after = after
        self.offset = offset
        self.limit = limit
    }
}

/// How many tenants a usage list has.
public struct UsageTotals: Hashable, Sendable {
    /// Tenants with use.
    public let tenants: Int
    /// Those of them that had used up a budget.
    public let exceeded: Int

    /// Creates totals.
    public init(tenants: Int, exceeded: Int) {
        self.tenants = tenants
        self.exceeded = exceeded
    }
}

/// Figures about a store.
public struct LedgerStatistics: Hashable, Sendable {
    /// Tenants that are known.
    public let tenants: Int
    /// Reservations that hold units.
    public let openReservations: Int
    /// Suspect grants of reservations, and suspect leases that have a rest.
    public let suspectGrants: Int
    /// Size of the store, in bytes.
    public let sizeBytes: Int64

    /// Creates figures.
    public init(tenants: Int, openReservations: Int, suspectGrants: Int, sizeBytes: Int64) {
        self.tenants = tenants
        self.openReservations = openReservations
        self.suspectGrants = suspectGrants
        self.sizeBytes = sizeBytes
    }
}
