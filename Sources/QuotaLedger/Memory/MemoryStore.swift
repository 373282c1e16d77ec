package import QuotaEngine
package import QuotaModel

/// The rows of the in-memory ledger; what a simulation of a whole cluster looks at, too.
package struct MemoryStore: Sendable {
    /// What an event is posted once under.
    package struct EventKey: Hashable, Sendable {
        package let tenant: TenantID
        package let id: ExactString
        package let meter: MeterID

        package init(tenant: TenantID, id: ExactString, meter: MeterID) {
            self.tenant = tenant
            self.id = id
            self.meter = meter
        }
    }

    package struct MeterDayRow: Sendable {
        package var units: Int64
        package var exceededUntil: Timestamp?
    }

    package internal(set) var ledgerHead = LedgerHead()
    var transactions: Int64 = 0
    package internal(set) var tenants: [TenantID: Tenant] = [:]
    package internal(set) var keys: [APIKeyID: KeyRecord] = [:]
    package internal(set) var organizations: [OrganizationID: Organization] = [:]
    package internal(set) var overrides: [LimitOverride.ID: LimitOverride] = [:]
    var audit: [AuditLink] = []
    package internal(set) var plans: [PlanID: Plan] = [:]
    package internal(set) var meters: [MeterID: Meter] = [:]
    package internal(set) var settings: [String: String] = [:]
    package internal(set) var accounts: [AccountID: AccountRecord] = [:]
    /// The newest period of each limit; its account may be archived.
    package internal(set) var newest: [AccountKey: Timestamp] = [:]
    package internal(set) var archives: [ArchiveRecord] = []
    package internal(set) var grants: [GrantID: GrantRecord] = [:]
    package internal(set) var grantsByReservation: [ReservationID: [GrantID]] = [:]
    package internal(set) var holders: [Holder: HolderRecord] = [:]
    package internal(set) var leases: [GrantID: LeaseRecord] = [:]
    package internal(set) var owners: [ReservationID: Holder] = [:]
    package internal(set) var pieces: [ReservationID: [HeldPiece]] = [:]
    package internal(set) var reservations: [ReservationID: Reservation] = [:]
    package internal(set) var buckets: [AccountKey: BucketRecord] = [:]
    package internal(set) var answers: [IdempotencyID: IdempotencyRecord] = [:]
    /// The numbers of the answers.
    var answerNumbers: [IdempotencyID: Int64] = [:]
    package internal(set) var events: [EventKey: UsageEvent] = [:]
    package internal(set) var hourly: [HourlyUsageKey: UsageSum] = [:]
    package internal(set) var keyDays: [KeyDay: RequestCount] = [:]
    package internal(set) var meterDays: [MeterDay: MeterDayRow] = [:]
    package internal(set) var batches: [EntryBatch] = []
    package internal(set) var notifications: [QuotaNotification] = []
    package internal(set) var endpointsByID: [WebhookID: WebhookEndpoint] = [:]
    package internal(set) var deliveries: [WebhookDelivery.ID: WebhookDelivery] = [:]
    var reminders: Set<Reminder> = []

    package init(plans: [Plan], meters: [Meter]) {
        for plan in plans { self.plans[plan.id] = plan }
        for meter in meters { self.meters[meter.id] = meter }
    }
}

extension MemoryStore: TransactionReader {
    package var storeReads: Int { 0 }

    package func head() -> LedgerHead { ledgerHead }

    package func transactionCount() -> Int64 { transactions }

    package func currentAccount(_ key: AccountKey) -> AccountRecord? {
        newest[key].flatMap { accounts[AccountID(key: key, periodStart: $0)] }
    }

    package func account(_ id: AccountID) -> AccountRecord? { accounts[id] }

    package func lastArchived(_ key: AccountKey) -> AccountRecord? {
        archives.map(\.record).filter { $0.key == key }.max { $0.period.end < $1.period.end }
    }

    package func wholeArchives(closedBefore instant: Timestamp, limit: Int) -> [ArchiveRecord] {
        let due = archives.filter { !$0.isCondensed && $0.closedAt < instant }
        return Array(due.sorted { $0.closedAt < $1.closedAt }.prefix(limit))
    }

    package func bucket(_ key: AccountKey) -> BucketRecord? { buckets[key] }

    package func reservation(_ id: ReservationID) -> Reservation? { reservations[id] }

    package func grants(of reservation: ReservationID) -> [GrantRecord] {
        (grantsByReservation[reservation] ?? []).compactMap { grants[$0] }
    }

    package func unclosedGrants(of account: AccountID) -> [GrantRecord] {
        grants.values.filter { $0.account == account && $0.grant.state != .closed }
    }

    package func holder(_ id: Holder) -> HolderRecord? { holders[id] }

    package func holders(named name: String) -> [HolderRecord] {
        holders.values.filter { $0.id.name == name }
            .sorted { $0.id.incarnation < $1.id.incarnation }
    }

    package func silentHolders(before: Timestamp, limit: Int) -> [Holder] {
        let silent = holders.values.filter { record in
            record.state == .live && record.heardAt < before
                && leases.values.contains { $0.holder == record.id && $0.grant.state == .open }
        }
        let sorted = silent.sorted {
            ($0.heardAt, ExactString($0.id.name), $0.id.incarnation)
                < ($1.heardAt, ExactString($1.id.name), $1.id.incarnation)
        }
        return sorted.prefix(limit).map(\.id)
    }

    package func lease(_ id: GrantID) -> LeaseRecord? { leases[id] }

    package func unclosedLeases(of account: AccountID) -> [LeaseRecord] {
        leases.values.filter { $0.account == account && $0.grant.state != .closed }
    }

    package func unclosedLeases(of holder: Holder) -> [LeaseRecord] {
        leases.values.filter { $0.holder == holder && $0.grant.state != .closed }
    }

    package func forgettableLeases(limit: Int) -> [GrantID] {
        let closed = leases.values.filter { lease in
            guard lease.grant.state == .closed, lease.grant.rest == 0,
                let holder = holders[lease.holder]
            else { return false }
            if holder.state == .live { return lease.grant.id.sequence < holder.floor }
            return !pieces.values.joined().contains { $0.lease == lease.grant.id }
        }
        return closed.map(\.grant.id).sorted { $0.order < $1.order }.prefix(limit).map { $0 }
    }

    package func forgettableHolders(limit: Int) -> [Holder] {
        let over = holders.values.filter { record in
            record.state == .ended
                && holders.keys.contains {
                    $0.name == record.id.name && $0.incarnation > record.id.incarnation
                }
                && !leases.values.contains { $0.holder == record.id }
                && !owners.values.contains(record.id)
        }
        let sorted = over.map(\.id)
            .sorted {
                (ExactString($0.name), $0.incarnation) < (ExactString($1.name), $1.incarnation)
            }
        return Array(sorted.prefix(limit))
    }

    package func pieces(of reservation: ReservationID) -> [HeldPiece] { pieces[reservation] ?? [] }

    package func owner(of reservation: ReservationID) -> Holder? { owners[reservation] }

    package func ownedReservations(of holder: Holder) -> [ReservationID] {
        owners.filter { $0.value == holder }.keys.sorted()
    }

    package func answer(_ id: IdempotencyID) -> IdempotencyRecord? { answers[id] }

    package func hasAnswers(before: Timestamp, orMoreThan maximum: Int) -> Bool {
        let last = answerNumbers.values.max() ?? 0
        return answers.values.contains { $0.createdAt < before }
            || answerNumbers.values.contains { $0 <= last - Int64(maximum) }
    }

    package func tenant(_ id: TenantID) -> Tenant? { tenants[id] }

    package func key(_ id: APIKeyID) -> KeyRecord? { keys[id] }

    package func organization(_ id: OrganizationID) -> Organization? { organizations[id] }

    package func override(_ id: LimitOverride.ID) -> LimitOverride? { overrides[id] }

    package func overrides(like id: LimitOverride.ID) -> [LimitOverride] {
        overrides.values.filter { $0.id.isOfSameLimit(as: id) }
    }

    package func grant(_ id: GrantID) -> GrantRecord? { grants[id] }

    package func event(_ id: String, tenant: TenantID, meter: MeterID?) -> UsageEvent? {
        let id = ExactString(id)
        if let meter { return events[EventKey(tenant: tenant, id: id, meter: meter)] }
        return events.filter { $0.key.tenant == tenant && $0.key.id == id }.values
            .min { $0.meter < $1.meter }
    }

    package func keyExists(_ id: APIKeyID, publicID: String) -> Bool {
        keys[id] != nil || keys.values.contains { $0.credential.publicID == publicID }
    }

    package func setting(_ name: String) -> String? { settings[name] }

    package func planExists(_ id: PlanID) -> Bool { plans[id] != nil }

    package func meter(_ id: MeterID) -> Meter? { meters[id] }

    package func dueReservations(now: Timestamp, limit: Int) -> [ReservationID] {
        let due = reservations.values.filter {
            $0.state == .held && $0.expiresAt <= now && owners[$0.id] == nil
        }
        return due.sorted { ($0.expiresAt, $0.id) < ($1.expiresAt, $1.id) }.prefix(limit)
            .map(\.id)
    }

    package func dueChanges(now: Timestamp, limit: Int) -> [AccountID] {
        let due = accounts.values.filter { $0.nextChange.map { $0 <= now } ?? false }
        let sorted = due.sorted {
            ($0.nextChange ?? .distantFuture, $0.key.tenant, $0.key.limit, $0.period.start)
                < ($1.nextChange ?? .distantFuture, $1.key.tenant, $1.key.limit, $1.period.start)
        }
        return sorted.prefix(limit).map(\.id)
    }

    package func dueAccounts(
        now: Timestamp,
        graceEnd: Timestamp,
        after place: EndedAccountPlace?,
        limit: Int
    ) -> DueAccounts {
        let ended = accounts.values.filter { $0.period.end <= now }
            .map { EndedAccountPlace(end: $0.period.end, account: $0.id) }
            .filter { candidate in place.map { $0.precedes(candidate) } ?? true }
            .sorted { $0.precedes($1) }
        let looked = ended.prefix(SweepCommand.maximumLooks)
        let due = looked.filter { place in
            accounts[place.account]?.account.hasOutstandingGrants == false || place.end <= graceEnd
        }
        let last = due.count >= limit ? due.prefix(limit).last : looked.last
        let isAll = due.count < limit && looked.count == ended.count
        return DueAccounts(due.prefix(limit).map(\.account), next: isAll ? nil : last)
    }
}

extension EndedAccountPlace {
    fileprivate func precedes(_ other: EndedAccountPlace) -> Bool {
        (end, account.key.tenant, account.key.limit, account.periodStart)
            < (
                other.end, other.account.key.tenant, other.account.key.limit,
                other.account.periodStart
            )
    }
}

extension MemoryStore {
    /// Does what every store does when it is opened anew.
    ///
    /// Its steady clock may begin elsewhere, so that the silence of nodes begins now.
    ///
    /// - Parameter steady: the steady clock.
    package mutating func restart(steady: Timestamp) {
        for (id, record) in holders where record.state == .live {
            holders[id]?.heardAt = steady
        }
    }

    /// Runs commands as one transaction.
    ///
    /// - Parameters:
    ///   - commands: what to do.
    ///   - now: the wall clock.
    ///   - steady: a clock that nobody can set.
    ///   - omitted: rules that a test leaves out.
    /// - Returns: the answers, in order.
    /// - Throws: when an invariant would be broken; then nothing is changed.
    package mutating func commit(
        _ commands: [LedgerCommand],
        now: Timestamp,
        steady: Timestamp,
        omitted: OmittedRules = []
    ) throws(LedgerError) -> [LedgerAnswer] {
        let (answers, changes) = try run(commands, now: now, steady: steady, omitted: omitted)
        try apply(changes)
        return answers
    }

    /// In a scope of its own, so that the transaction's reference to the rows is gone when they
    /// change.
    private func run(
        _ commands: [LedgerCommand],
        now: Timestamp,
        steady: Timestamp,
        omitted: OmittedRules
    ) throws(LedgerError) -> ([LedgerAnswer], LedgerChanges) {
        var transaction = try LedgerTransaction(
            reader: self, now: now, steady: steady, omitted: omitted)
        var answers: [LedgerAnswer] = []
        for command in commands { answers.append(try transaction.run(command)) }
        return (answers, try transaction.finish())
    }
}
