package import QuotaEngine
package import QuotaModel

/// What the ledger's logic reads from a store while a transaction is open.
///
/// A store answers with what is committed; what the transaction itself changes is kept by the
/// transaction.
package protocol TransactionReader {
    /// How many times the store behind this reader was asked; reads from a cache do not count.
    var storeReads: Int { get }
    /// Where the counters stand.
    func head() throws(LedgerError) -> LedgerHead
    /// How many transactions have written something.
    func transactionCount() throws(LedgerError) -> Int64
    /// The account of the newest period of a limit; nil when it is archived, be an older one open.
    func currentAccount(_ key: AccountKey) throws(LedgerError) -> AccountRecord?
    /// An account that is not archived.
    func account(_ id: AccountID) throws(LedgerError) -> AccountRecord?
    /// The account of the newest archived period of a limit.
    func lastArchived(_ key: AccountKey) throws(LedgerError) -> AccountRecord?
    /// A rate's bucket.
    func bucket(_ key: AccountKey) throws(LedgerError) -> BucketRecord?
    /// A reservation.
    func reservation(_ id: ReservationID) throws(LedgerError) -> Reservation?
    /// The grants of a reservation, in the order they were made.
    func grants(of reservation: ReservationID) throws(LedgerError) -> [GrantRecord]
    /// The grants of an account that are not closed.
    func unclosedGrants(of account: AccountID) throws(LedgerError) -> [GrantRecord]
    /// A life of a node.
    func holder(_ id: Holder) throws(LedgerError) -> HolderRecord?
    /// The lives of a node, the oldest first; of those that are over only the newest.
    func holders(named name: String) throws(LedgerError) -> [HolderRecord]
    /// Lives that are not over, have open leases, and were last heard of before an instant.
    func silentHolders(before: Timestamp, limit: Int) throws(LedgerError) -> [Holder]
    /// A lease.
    func lease(_ id: GrantID) throws(LedgerError) -> LeaseRecord?
    /// The leases of an account that are not closed.
    func unclosedLeases(of account: AccountID) throws(LedgerError) -> [LeaseRecord]
    /// The leases of a life that are not closed.
    func unclosedLeases(of holder: Holder) throws(LedgerError) -> [LeaseRecord]
    /// Closed leases without a rest that nobody can ask for again: of lives that are over, those of
    /// which no reservation holds units; of others, those below the floor.
    func forgettableLeases(limit: Int) throws(LedgerError) -> [GrantID]
    /// Lives that are over and have nothing left: neither leases nor reservations; never the newest
    /// of its node, whose number must not be given out again.
    func forgettableHolders(limit: Int) throws(LedgerError) -> [Holder]
    /// What a reservation holds of its node's leases.
    func pieces(of reservation: ReservationID) throws(LedgerError) -> [HeldPiece]
    /// The life of a node that holds a reservation, of which it alone decides; nil when the ledger
    /// does.
    func owner(of reservation: ReservationID) throws(LedgerError) -> Holder?
    /// The reservations that a life holds.
    func ownedReservations(of holder: Holder) throws(LedgerError) -> [ReservationID]
    /// A kept answer.
    func answer(_ id: IdempotencyID) throws(LedgerError) -> IdempotencyRecord?
    /// Whether answers were given before an instant, or more than a number of them are kept.
    func hasAnswers(before: Timestamp, orMoreThan maximum: Int) throws(LedgerError) -> Bool
    /// A tenant.
    func tenant(_ id: TenantID) throws(LedgerError) -> Tenant?
    /// An API key or service key.
    func key(_ id: APIKeyID) throws(LedgerError) -> KeyRecord?
    /// An organization.
    func organization(_ id: OrganizationID) throws(LedgerError) -> Organization?
    /// An override.
    func override(_ id: LimitOverride.ID) throws(LedgerError) -> LimitOverride?
    /// The overrides of the limit of one, itself among them.
    func overrides(like id: LimitOverride.ID) throws(LedgerError) -> [LimitOverride]
    /// A grant.
    func grant(_ id: GrantID) throws(LedgerError) -> GrantRecord?
    /// What was booked under the id of a correction or import, which begins with an `a`; of one
    /// meter or of any.
    func event(
        _ id: String,
        tenant: TenantID,
        meter: MeterID?
    ) throws(LedgerError) -> UsageEvent?
    /// Whether there is such an API key, by id or public id.
    func keyExists(_ id: APIKeyID, publicID: String) throws(LedgerError) -> Bool
    /// Whether there is such a plan.
    func planExists(_ id: PlanID) throws(LedgerError) -> Bool
    /// A meter.
    func meter(_ id: MeterID) throws(LedgerError) -> Meter?
    /// Held reservations whose time to live passed at or before `now`, oldest first; without those
    /// that a node holds, since they are its affair.
    func dueReservations(now: Timestamp, limit: Int) throws(LedgerError) -> [ReservationID]
    /// Open accounts that had to change by now, by ``AccountRecord/nextChange``, the earliest
    /// first.
    func dueChanges(now: Timestamp, limit: Int) throws(LedgerError) -> [AccountID]
    /// A setting of the ledger itself.
    func setting(_ name: String) throws(LedgerError) -> String?
    /// The webhook endpoints, by id.
    func endpoints() throws(LedgerError) -> [WebhookEndpoint]
    /// A delivery.
    func delivery(_ id: WebhookDelivery.ID) throws(LedgerError) -> WebhookDelivery?
    /// Whether there is a notification of this number.
    func hasNotification(_ number: Int64) throws(LedgerError) -> Bool
    /// Whether a notification tells of the same end as another: of the same kind, tenant and limit.
    func hasToldEnd(like other: QuotaNotification) throws(LedgerError) -> Bool
    /// Archives that are not condensed and closed before an instant, the earliest first.
    func wholeArchives(
        closedBefore instant: Timestamp,
        limit: Int
    ) throws(LedgerError) -> [ArchiveRecord]
    /// Whether there are notifications of before an instant.
    func hasNotifications(before instant: Timestamp) throws(LedgerError) -> Bool
    /// Reminders that are due, the earliest first.
    func dueReminders(now: Timestamp, limit: Int) throws(LedgerError) -> [Reminder]
    /// Accounts that can be closed: their period ended by `now`, and either nothing is outstanding
    /// or it ended by `graceEnd`.
    ///
    /// At most ``SweepCommand/maximumLooks`` are looked at, in the order of ``EndedAccountPlace``.
    func dueAccounts(
        now: Timestamp,
        graceEnd: Timestamp,
        after place: EndedAccountPlace?,
        limit: Int
    ) throws(LedgerError) -> DueAccounts
}

/// Accounts that can be closed, a part of them.
package struct DueAccounts: Sendable {
    package let accounts: [AccountID]
    /// Where to go on; nil when there are no others.
    package let next: EndedAccountPlace?

    package init(_ accounts: [AccountID], next: EndedAccountPlace?) {
        self.accounts = accounts
        self.next = next
    }
}
