import QuotaCalendar
import QuotaEngine
import QuotaModel

extension LedgerTransaction {
    mutating func run(_ command: ConcludeCommand) throws(LedgerError) -> ConcludeAnswer {
        guard let reservation = try reservation(command.reservation),
            command.tenant == nil || command.tenant == reservation.tenant
        else { return .notFound }
        if let owner = try owner(of: reservation.id) {
            guard let holder = try holder(owner) else { return .heldBy(owner) }
            if holder.state == .live {
                return try takeOver(reservation, command, from: holder)
            }
            return try end(
                reservation, command, holding: try pieces(of: reservation.id))
        }
        return try end(reservation, command.event, note: command.note, at: now)
    }

    /// Ends a reservation.
    ///
    /// `instant` is when the event happened: an expiry happens when the time to live passes,
    /// however late it is noticed, and so belongs to a period that was not closed then.
    mutating func end(
        _ reservation: Reservation,
        _ event: ReservationEvent,
        note: String? = nil,
        at instant: Timestamp
    ) throws(LedgerError) -> ConcludeAnswer {
        let reservation = try afterTimeHasPassed(reservation, until: instant)
        let action: ReservationAction
        do {
            action = try reservation.action(for: event, now: now)
        } catch {
            return .refused(error)
        }
        var ended = reservation
        ended.endedByExpiry = event == .expire
        var uses: [MeterID: Int64]? = [:]
        switch action {
        case .repeatOutcome:
            return .done(reservation)
        case .confirmVoid:
            changes.reservations[reservation.id] = ended
            return .done(ended)
        case .suspend:
            ended.state = .suspect
            uses = nil
        case .void where reservation.settled.isEmpty:
            ended.state = .voided
        case .void:
            // A part was resolved before, and that stands.
            ended.state = .settled
            ended.settled = reservation.completed { Charge(meter: $0.meter, amount: 0) }
        case .settle(let charges):
            ended.state = .settled
            ended.settled = reservation.completed { hold in
                charges.first { $0.meter == hold.meter } ?? hold
            }
        }
        for charge in ended.settled { uses?[charge.meter] = charge.amount }
        let grants = try grants(of: reservation.id)
        guard let ending = try end(grants, uses: grants.shares(of: uses)) else {
            return .outOfRange
        }
        try stage(ending, of: ended)
        if ended.state == .settled {
            let resolved = Set(reservation.settled.map(\.meter))
            let new = ended.settled.filter { !resolved.contains($0.meter) }
            try book(new, of: ended, ending, note: note)
            try chargeRates(new, of: ended)
        }
        return .done(ended)
    }

    /// Does what time has done to the accounts of a reservation, before its own end is looked at:
    /// a close may end this reservation and others, and post to accounts that they share.
    private mutating func afterTimeHasPassed(
        _ reservation: Reservation,
        until instant: Timestamp
    ) throws(LedgerError) -> Reservation {
        let grants = try grants(of: reservation.id)
        for grant in grants { try closeIfOver(grant.account, at: instant) }
        try moveOn(from: grants.map(\.account))
        return try self.reservation(reservation.id) ?? reservation
    }

    /// Moves on the limits of accounts that are closed: what is over must not be open any more when
    /// late use opens what follows it.
    mutating func moveOn(from ids: [AccountID]) throws(LedgerError) {
        for id in ids where try account(id) == nil { try rollOver(id.key) }
    }

    /// Closes an account whose grace was over at an instant, whether or not it was swept since.
    private mutating func closeIfOver(
        _ id: AccountID,
        at instant: Timestamp
    ) throws(LedgerError) {
        guard let record = try account(id) else { return }
        let state = AccountLifecycle.state(
            of: record.account, period: record.period, now: instant)
        if state == .closed { try close(id) }
    }

    mutating func stage(
        _ ending: Ending,
        of reservation: Reservation
    ) throws(LedgerError) {
        for grant in ending.grants { stage(grant) }
        changes.reservations[reservation.id] = reservation
        for (before, record) in ending.accounts { accounts.stage(record, before: before) }
        for (_, record) in ending.accounts {
            try rollOver(record.key)
            // The account may be an older one of its limit.
            try closeIfOver(record.id, at: now)
        }
    }

    /// Use beyond what was held becomes a debt of the rates that the hold passed.
    mutating func chargeRates(
        _ charges: [Charge],
        of reservation: Reservation
    ) throws(LedgerError) {
        for held in reservation.rates {
            guard let hold = reservation.held.first(where: { $0.meter == held.meter }),
                let charge = charges.first(where: { $0.meter == held.meter })
            else { continue }
            let beyond = charge.amount - hold.amount
            if beyond <= 0 { continue }
            let key = try key(of: held, tenant: reservation.tenant)
            let rate = TokenBucket.Rate(
                quantity: held.quantity, windowNanoseconds: held.windowNanoseconds,
                burst: held.burst)
            var bucket = try bucket(key)
            bucket.refill(rate, now: steady)
            _ = bucket.take(beyond, rate, enforced: false)
            changes.buckets[key] = BucketRecord(key: key, bucket: bucket)
        }
    }

    /// The bucket of a rate; one that an organization shares has the organization's name.
    private func key(
        of held: Reservation.HeldRate,
        tenant id: TenantID
    ) throws(LedgerError) -> AccountKey {
        if held.limit.hasPrefix("org:"), let organization = try tenant(id)?.organization {
            let owner = AccountKey.owner(of: OrganizationID(trusted: organization))
            return AccountKey(tenant: owner, limit: held.limit)
        }
        return AccountKey(tenant: id, limit: held.limit)
    }

    /// Says what was used of a grant whose holder fell silent; the others of its reservation for
    /// the same meter end with it.
    mutating func run(_ resolve: ResolveCommand) throws(LedgerError) -> ConcludeAnswer {
        if let lease = try lease(resolve.grant) { return try self.resolve(lease, resolve.used) }
        var found = changes.grants[resolve.grant]
        if found == nil { found = try reader.grant(resolve.grant) }
        guard let record = found, let known = try reservation(record.reservation) else {
            return .notFound
        }
        let reservation = try afterTimeHasPassed(known, until: now)
        let grants = try grants(of: reservation.id).filter { $0.meter == record.meter }
        guard grants.contains(where: { $0.grant.state == .suspect }) else {
            return .refused(.notExpired)
        }
        let uses = grants.shares(of: [record.meter: resolve.used])
        guard let ending = try end(grants, uses: uses) else { return .outOfRange }
        var ended = reservation
        let charge = Charge(meter: record.meter, amount: resolve.used)
        ended.settled = reservation.held.compactMap { hold in
            hold.meter == charge.meter
                ? charge : reservation.settled.first { $0.meter == hold.meter }
        }
        if ended.settled.count == ended.held.count { ended.state = .settled }
        try stage(ending, of: ended)
        try book([charge], of: ended, ending)
        try chargeRates([charge], of: ended)
        return .done(ended)
    }

    mutating func book(
        _ charges: [Charge],
        of reservation: Reservation,
        _ ending: Ending,
        note: String? = nil
    ) throws(LedgerError) {
        for charge in charges {
            let recording = try reader.meter(charge.meter)?.recording ?? .event
            book(
                MeteredCharge(charge: charge, recording: recording),
                overage: ending.overages[charge.meter] ?? 0,
                posting: Posting(reservation, adjusts: ending.adjusts, note: note))
        }
    }
}

/// What the end of a reservation changes.
struct Ending {
    var grants: [GrantRecord] = []
    var accounts: [(before: Account?, record: AccountRecord)] = []
    /// Units beyond what was held, by meter: the most of any of its limits.
    var overages: [MeterID: Int64] = [:]
    /// The closed period that the use belongs to; nil while it is open.
    var adjusts: Timestamp?

    /// Where an account is that the end has changed.
    func place(of id: AccountID) -> Int? { accounts.firstIndex { $0.record.id == id } }
}

extension [GrantRecord] {
    /// How use by meter (none where a meter is missing) falls on the grants of a reservation; nil
    /// when it is not known.
    fileprivate func shares(of uses: [MeterID: Int64]?) -> [Int64]? {
        guard let uses else { return nil }
        var shares = [Int64](repeating: 0, count: count)
        for (meter, used) in uses {
            let places = indices.filter { self[$0].meter == meter }
            let parts = places.map { place in
                let grant = self[place].grant
                // What ended before has its use, and nothing else any more.
                let isClosed = grant.state == .closed
                let units = isClosed ? grant.posted + grant.overage : grant.size - grant.returned
                return (self[place].account.key, units)
            }
            for (place, share) in zip(places, HeldShare.shares(of: used, over: parts)) {
                shares[place] = share.units
            }
        }
        return shares
    }
}

extension LedgerTransaction {
    /// Ends the grants of a reservation with the use of each, or lets them become suspect when it
    /// is not known.
    ///
    /// - Returns: nil when a balance would leave its range.
    mutating func end(
        _ grants: [GrantRecord],
        uses: [Int64]?
    ) throws(LedgerError) -> Ending? {
        assert(uses == nil || uses?.count == grants.count, "each grant has its use")
        var ending = Ending()
        // A limit may have several grants, of one period or of several.
        var overages: [AccountKey: Int64] = [:]
        for (index, grant) in grants.enumerated() {
            var record = grant
            let used = uses.map { $0[index] }
            let overage: Int64?
            if let place = ending.place(of: record.account) {
                overage = try? ending.accounts[place].record.account
                    .end(&record.grant, used: used)
            } else if var account = try account(record.account) {
                let before = account.account
                overage = try? account.account.end(&record.grant, used: used)
                ending.accounts.append((before, account))
            } else {
                overage = try endLate(&record, used: used, ending: &ending)
            }
            guard let overage else { return nil }
            let key = record.account.key
            let (sum, overflow) = (overages[key] ?? 0).addingReportingOverflow(overage)
            if overflow { return nil }
            overages[key] = sum
            ending.overages[record.meter] = max(ending.overages[record.meter] ?? 0, sum)
            ending.grants.append(record)
        }
        return ending
    }

    /// Ends a grant whose period is closed: use becomes an adjustment of the current period.
    ///
    /// - Returns: the units that were booked so; nil when a balance would leave its range.
    private mutating func endLate(
        _ record: inout GrantRecord,
        used: Int64?,
        ending: inout Ending
    ) throws(LedgerError) -> Int64? {
        guard let used else { return 0 }
        guard let unbooked = try? record.grant.settleLate(used: used) else { return nil }
        if unbooked == 0 { return 0 }
        ending.adjusts = record.account.periodStart
        guard var located = try locateSuccessor(of: record.account.key) else { return unbooked }
        if let place = ending.place(of: located.record.id) {
            let booked: Void? = try? ending.accounts[place].record.account.book(overage: unbooked)
            return booked.map { unbooked }
        }
        guard (try? located.record.account.book(overage: unbooked)) != nil else { return nil }
        ending.accounts.append((located.before, located.record))
        return unbooked
    }

    /// The account that takes what comes too late for an older one; nil when there never was one.
    func locateSuccessor(of key: AccountKey) throws(LedgerError) -> LocatedAccount? {
        var like = try currentAccount(key)
        if like == nil { like = try lastClosed(key) }
        guard var like else { return nil }
        if like.period.end <= now { like = try concluded(like) }
        return try locate(
            AccountSpecification(like: like), calendar: try calendar(of: key.tenant))
    }

    /// The periods of a tenant as it is now.
    private func calendar(of id: TenantID) throws(LedgerError) -> TenantCalendar {
        if let organization = AccountKey(tenant: id, limit: "").organization {
            return try self.organization(organization).map { TenantCalendar($0) }
                ?? TenantCalendar(zone: .utc)
        }
        return try tenant(id).map { TenantCalendar($0) } ?? TenantCalendar(zone: .utc)
    }
}

extension Account {
    /// Ends a grant: with its use, or as suspect when that is not known.
    fileprivate mutating func end(
        _ grant: inout Grant,
        used: Int64?
    ) throws(AccountError) -> Int64 {
        if let used { return try close(&grant, used: used) }
        if grant.state == .open { try expire(&grant) }
        return 0
    }
}

extension Reservation {
    /// One charge for each held one: what was resolved before stands, the rest is as `charge` says.
    fileprivate func completed(_ charge: (Charge) -> Charge) -> [Charge] {
        held.map { hold in settled.first { $0.meter == hold.meter } ?? charge(hold) }
    }
}
