package import QuotaEngine
package import QuotaModel

/// Everything that one transaction writes.
package struct LedgerChanges: Sendable {
    /// Answers that are no longer kept.
    ///
    /// Answers are numbered as they are kept, from the largest number on.
    package struct ForgottenAnswers: Hashable, Sendable {
        /// The most answers that one sweep forgets by time, and the most by number.
        package static let maximum = 5_000

        /// Those that were given before this instant, the oldest first.
        package var before: Timestamp
        /// Those whose number is not among the last of these many.
        package var keeping: Int
    }

    /// Accounts as they are now.
    package var accounts: [AccountRecord] = []
    /// Accounts that closed; they are not among the others any more.
    package var archives: [ArchiveRecord] = []
    /// Archives of which only the condensed form is kept on.
    package var condensed: [ArchiveRecord] = []
    /// Grants as they are now.
    package var grants: [GrantID: GrantRecord] = [:]
    /// Lives of nodes as they are now.
    package var holders: [Holder: HolderRecord] = [:]
    /// Leases as they are now; closed ones that nobody asks for again are deleted.
    package var leases: [GrantID: LeaseRecord] = [:]
    /// Leases to delete.
    package var forgottenLeases: Set<GrantID> = []
    /// Lives of nodes to delete.
    package var forgottenHolders: Set<Holder> = []
    /// The lives of nodes that hold reservations; nil when the ledger has taken one over.
    package var owners: [ReservationID: Holder?] = [:]
    /// What reservations hold of their node's leases; none when they hold grants of their own.
    package var pieces: [ReservationID: [HeldPiece]] = [:]
    /// Reservations as they are now.
    package var reservations: [ReservationID: Reservation] = [:]
    /// Buckets as they are now.
    package var buckets: [AccountKey: BucketRecord] = [:]
    /// Answers to keep.
    package var answers: [IdempotencyID: IdempotencyRecord] = [:]
    /// Events to append.
    package var events: [UsageEvent] = []
    /// Units to add.
    package var hourly: [HourlyUsageKey: UsageSum] = [:]
    /// Requests to add.
    package var keyDays: [KeyDay: RequestCount] = [:]
    /// Units to add.
    package var meterDays: [MeterDay: Int64] = [:]
    /// Until when a tenant's budget is used up, for rows of `meterDays` that exist.
    package var exceededUntil: [MeterDay: Timestamp?] = [:]
    /// Tenants to insert or replace.
    package var tenants: [TenantID: Tenant] = [:]
    /// Keys to insert or replace.
    package var keys: [APIKeyID: KeyRecord] = [:]
    /// When keys were last used.
    package var keyUses: [APIKeyID: Timestamp] = [:]
    /// Organizations to insert or replace; nil deletes one.
    package var organizations: [OrganizationID: Organization?] = [:]
    /// Overrides to insert or replace; nil deletes one.
    package var overrides: [LimitOverride.ID: LimitOverride?] = [:]
    /// Plans to insert or replace; nil deletes one.
    package var plans: [PlanID: Plan?] = [:]
    /// Meters to insert or replace.
    package var meters: [MeterID: Meter] = [:]
    /// Notes of changes to append.
    package var notes: [AuditNote] = []
    /// The same notes, chained.
    package var audit: [AuditLink] = []
    /// Settings to put; nil removes one.
    package var settings: [String: String?] = [:]
    /// Notifications to append.
    package var notifications: [QuotaNotification] = []
    /// Deliveries as they are now.
    package var deliveries: [WebhookDelivery.ID: WebhookDelivery] = [:]
    /// Webhook endpoints to insert or replace; nil deletes one, with its deliveries.
    package var endpoints: [WebhookID: WebhookEndpoint?] = [:]
    /// Reminders to keep, and to delete where false.
    package var reminders: [Reminder: Bool] = [:]
    /// Notifications of before this instant go, with what was delivered of them.
    package var forgottenNotificationsBefore: Timestamp?
    /// Answers to delete.
    package var forgottenAnswers: ForgottenAnswers?
    /// The entries to append.
    package var batch: EntryBatch?
    /// Where the counters stand now.
    package var head: LedgerHead
    /// Counts the transactions that wrote something, with this one.
    package let transaction: Int64
    /// The transaction's time.
    package let now: Timestamp

    init(head: LedgerHead, transaction: Int64, now: Timestamp) {
        self.transaction = transaction
        self.head = head
        self.now = now
    }

    /// The answers to keep, in the order in which they are numbered.
    package var orderedAnswers: [IdempotencyRecord] {
        answers.values.sorted {
            ($0.createdAt, $0.id.tenant, $0.id.key) < ($1.createdAt, $1.id.tenant, $1.id.key)
        }
    }

    /// Whether there is nothing to write.
    package var isEmpty: Bool {
        accounts.isEmpty && archives.isEmpty && condensed.isEmpty && grants.isEmpty
            && reservations.isEmpty
            && buckets.isEmpty && answers.isEmpty && events.isEmpty && hourly.isEmpty
            && keyDays.isEmpty && meterDays.isEmpty && exceededUntil.isEmpty && tenants.isEmpty
            && holders.isEmpty && leases.isEmpty && pieces.isEmpty && owners.isEmpty && keys.isEmpty
            && forgottenLeases.isEmpty && forgottenHolders.isEmpty && keyUses.isEmpty
            && organizations.isEmpty
            && overrides.isEmpty
            && plans.isEmpty && meters.isEmpty && notes.isEmpty && settings.isEmpty
            && notifications.isEmpty && deliveries.isEmpty && endpoints.isEmpty
            && reminders.isEmpty && forgottenNotificationsBefore == nil
            && forgottenAnswers == nil
    }
}
