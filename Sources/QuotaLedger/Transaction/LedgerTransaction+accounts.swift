import QuotaCalendar
import QuotaEngine
import QuotaModel

/// An account as a request would use it.
struct LocatedAccount {
    var record: AccountRecord
    /// The account before this request; nil when the request would open it.
    let before: Account?
}

extension LedgerTransaction {
    /// The account that is used now; stages nothing.
    func locate(
        _ wanted: AccountSpecification,
        calendar: TenantCalendar
    ) throws(LedgerError) -> LocatedAccount {
        let current = try currentAccount(wanted.key)
        // One that is closing is over, also when the clock has stepped back since.
        if var record = current, now < record.period.end, record.account.state == .open {
            let before = record.account
            // What has expired by now is judged by the limit of until now.
            try lapse(&record)
            try adjust(&record, to: wanted)
            return LocatedAccount(record: record, before: before)
        }
        var previous = current
        if previous == nil { previous = try lastClosed(wanted.key) }
        if let over = previous, over.period.end <= now { previous = try concluded(over) }
        let previousEnd = previous?.period.end ?? .distantPast
        let instant = max(now, previousEnd)
        let period = calendar.period(of: wanted.window, containing: instant) ?? .lifetime
        let start = max(period.start, previousEnd)
        // Whoever asks may know an older limit than the period before had.
        let newer = previous.map(\.account)
            .flatMap { account in
                account.limitRevision > wanted.revision ? account : nil
            }
        var record = AccountRecord(
            key: wanted.key,
            meter: wanted.meter,
            window: wanted.window,
            isTenantScope: wanted.isTenantScope,
            period: Period(start: start, end: period.end, index: period.index),
            rule: calendar.rule(of: wanted.window),
            thresholds: wanted.thresholds,
            account: Account(
                quantity: newer.map(\.allowance) ?? wanted.quantity(in: period, at: now),
                limitRevision: newer?.limitRevision ?? wanted.revision))
        try inherit(&record, from: previous, wanted, calendar)
        // What came over from the period before may have expired in this one.
        try lapse(&record)
        return LocatedAccount(record: record, before: nil)
    }

    /// Moves the accounts of budgets on, all of them before any is looked at: what ends with one
    /// period may post to the account of another.
    mutating func rollOver(_ demands: [Demand], of tenant: TenantID) throws(LedgerError) {
        for demand in demands where demand.limit.limit.window.hasAccount {
            try rollOver(demand.limit.accountKey(of: tenant))
        }
    }

    /// Moves the newest account of a limit on when its period is over.
    mutating func rollOver(_ key: AccountKey) throws(LedgerError) {
        guard var record = try currentAccount(key), record.period.end <= now else { return }
        let before = record.account
        let state = AccountLifecycle.state(of: before, period: record.period, now: now)
        if state == .closed { return try close(record.id) }
        guard state != before.state else { return }
        record = try concluded(record)
        record.account.advance(to: state)
        accounts.stage(record, before: before)
    }

    /// Closes an account whose period is over; what is still open expires unbilled.
    ///
    /// Reservations whose time passed before the close end in their period, as they were told to.
    mutating func close(_ id: AccountID) throws(LedgerError) {
        guard let due = try account(id), closing.insert(id).inserted else { return }
        defer { closing.remove(id) }
        let graceEnd = due.period.end.adding(nanoseconds: AccountLifecycle.graceNanoseconds)
        for grant in try unclosedGrants(of: id) where grant.grant.state == .open {
            guard let holder = try reservation(grant.reservation), holder.state == .held,
                holder.expiresAt <= now, holder.expiresAt < graceEnd
            else { continue }
            _ = try end(holder, .expire, at: holder.expiresAt)
        }
        guard var record = try account(id) else { return }
        let before = record.account
        record = try concluded(record)
        for var grant in try unclosedGrants(of: id) where grant.grant.state == .open {
            do {
                try record.account.expire(&grant.grant)
            } catch {
                throw LedgerError(.invariant, "account \(id.key.limit) can't close: \(error)")
            }
            stage(grant)
        }
        for var lease in try unclosedLeases(of: id) where lease.grant.state == .open {
            do {
                try record.account.expire(&lease.grant)
            } catch {
                throw LedgerError(.invariant, "account \(id.key.limit) can't close: \(error)")
            }
            stage(lease)
        }
        record.account.advance(to: .closed)
        foresee(&record)
        accounts.stage(record, before: before)
    }

    private func adjust(
        _ record: inout AccountRecord,
        to wanted: AccountSpecification
    ) throws(LedgerError) {
        // An entitlement that is older than the account changes nothing.
        guard record.account.state == .open, wanted.revision >= record.account.limitRevision else {
            return
        }
        // What came by its date knows none.
        record.thresholds = wanted.thresholds
        guard wanted.revision > record.account.limitRevision else { return }
        let before = record.account
        do {
            try record.account.setQuantity(
                wanted.quantity(in: record.period, at: now), limitRevision: wanted.revision)
        } catch {
            throw LedgerError(.invariant, "limit \(wanted.key.limit) can't be changed: \(error)")
        }
        var terms = record.terms ?? AccountTerms()
        terms.change(policy: wanted.policy, plan: wanted.plan, from: before.allowance)
        terms.lower(from: before, to: record.account)
        terms.coming = wanted.changes(in: record.period, after: now)
        terms.carriesLater = wanted.carriesLater(than: now)
        record.terms = terms.isEmpty ? nil : terms
    }

    /// An account whose period is over, with what its limit had come to.
    func concluded(_ record: AccountRecord) throws(LedgerError) -> AccountRecord {
        var record = record
        try lapse(&record, at: record.period.end.adding(nanoseconds: -1))
        return record
    }

    /// Lets what was decided come to pass, and top-ups expire whose time is over.
    func lapse(
        _ record: inout AccountRecord,
        at instant: Timestamp? = nil
    ) throws(LedgerError) {
        do {
            try record.advance(to: instant ?? now)
        } catch {
            throw LedgerError(.invariant, "\(record.key.limit) can't change: \(error)")
        }
    }

    /// The bucket of a demand, refilled to now; that of a rate without a bound is always full.
    func refilledBucket(_ demand: Demand, tenant: TenantID) throws(LedgerError) -> TokenBucket {
        guard let rate = demand.limit.rate else { return TokenBucket(updatedAt: steady) }
        var bucket = try bucket(demand.limit.accountKey(of: tenant))
        bucket.refill(rate, now: steady)
        return bucket
    }

    mutating func refresh(_ view: ViewCommand) throws(LedgerError) -> LimitView {
        let demands = view.demands.filter { $0.limit.limit.window.hasAccount }
        try rollOver(demands, of: view.tenant)
        for demand in demands {
            let located = try locate(
                AccountSpecification(demand.limit, tenant: view.tenant),
                calendar: view.calendar(of: demand.limit))
            // What was never used opens at its first use, unless that would lose what the periods
            // before it leave.
            let isKept =
                if located.before == nil {
                    located.record.terms?.hasUnits ?? false
                        || view.opensAll && demand.limit.limit.quantity != nil
                } else {
                    try currentAccount(located.record.key) != located.record
                }
            if isKept { accounts.stage(located.record, before: located.before) }
        }
        return try run(view)
    }

    mutating func run(_ view: ViewCommand) throws(LedgerError) -> LimitView {
        let readsBefore = reader.storeReads
        var states: [LimitState] = []
        for demand in view.demands {
            if demand.limit.limit.window.kind == .concurrency {
                // What is held at once is its node's affair.
                states.append(.slots(held: 0))
            } else if demand.limit.limit.window.kind == .rate {
                states.append(.bucket(try refilledBucket(demand, tenant: view.tenant)))
            } else {
                let located = try locate(
                    AccountSpecification(demand.limit, tenant: view.tenant),
                    calendar: view.calendar(of: demand.limit))
                states.append(.account(located.record.account, located.record.period))
            }
        }
        return LimitView(
            violations: violations(view.demands, states), states: states, now: now,
            madeStoreCall: reader.storeReads != readsBefore)
    }

    func violations(_ demands: [Demand], _ states: [LimitState]) -> [Violation] {
        zip(demands, states).enumerated()
            .compactMap { index, pair in
                pair.0.violation(index: index, state: pair.1, now: now)
            }
    }
}

extension ViewCommand {
    /// The periods of a limit.
    fileprivate func calendar(of limit: CompiledLimit) -> TenantCalendar {
        limit.organization == nil ? calendar : organizationCalendar ?? calendar
    }
}

extension AccountTerms {
    /// Whether the periods after an account with these terms have something of it.
    var hasUnits: Bool {
        policy != nil || carriesLater || !carried.isEmpty || !topUps.isEmpty || owed != 0
    }
}
