import QuotaEngine
import QuotaModel

// What administrators do to balances.
extension LedgerTransaction {
    /// Ends the current period of a limit now and begins one at full capacity.
    ///
    /// What is held in the old period still settles there within its grace. Of what was carried
    /// into it or bought, what is not used stays.
    mutating func run(_ reset: ResetCommand) throws(LedgerError) -> ResetAnswer {
        let key = reset.limit.accountKey(of: reset.tenant)
        if reset.limit.limit.window.kind == .rate {
            let full = TokenBucket(updatedAt: steady)
            changes.buckets[key] = BucketRecord(key: key, bucket: full)
            return .done(closed: nil, opened: nil)
        }
        try rollOver(key)
        let wanted = AccountSpecification(reset.limit, tenant: reset.tenant)
        let located = try locate(wanted, calendar: reset.calendar)
        guard let before = located.before else {
            return .done(closed: nil, opened: located.record)
        }
        guard located.record.period.start < now else {
            // A repeat within the same instant finds nothing to close.
            return before.used == 0 ? .done(closed: nil, opened: located.record) : .tooSoon
        }
        var closed = located.record.ending(at: now)
        let state = AccountLifecycle.state(of: closed.account, period: closed.period, now: now)
        closed.account.advance(to: .closing)
        let period = Period(
            start: now, end: located.record.period.end, index: located.record.period.index)
        var opened = AccountRecord(
            key: key, meter: closed.meter, window: closed.window,
            isTenantScope: closed.isTenantScope, period: period, rule: closed.rule,
            thresholds: closed.thresholds,
            account: Account(
                quantity: located.record.account.allowance,
                limitRevision: located.record.account.limitRevision))
        if closed.terms != nil {
            closed.terms?.isReset = true
            closed.terms?.coming = []
            let terms = wanted.terms(in: period, at: now)
            opened.terms = terms.isEmpty ? nil : terms
        }
        resets.insert(closed.id)
        accounts.stage(closed, before: before)
        accounts.stage(opened, before: nil)
        // What is still open, and has nothing left, ends with it.
        if state == .closed { try close(closed.id) }
        try raiseCarries()
        return .done(
            closed: accounts.record(closed.id), opened: accounts.record(opened.id) ?? opened)
    }

    /// Adds to what a tenant has used, or takes back: at most what was used in a short window, and
    /// all of it in the longest.
    mutating func run(_ adjust: AdjustCommand) throws(LedgerError) -> AdjustAnswer {
        let known = try event(adjust.id, tenant: adjust.tenant, meter: nil)
        if let known,
            known.units != adjust.amount || known.meter != adjust.meter
                || known.metadata != adjust.metadata
        {
            return .idReused
        }
        try rollOver(adjust.demands, of: adjust.tenant)
        var located: [LocatedAccount] = []
        for demand in adjust.demands {
            let wanted = AccountSpecification(demand.limit, tenant: adjust.tenant)
            let calendar =
                demand.limit.organization == nil
                ? adjust.calendar : adjust.organizationCalendar ?? adjust.calendar
            located.append(try locate(wanted, calendar: calendar))
        }
        if known == nil {
            let own = located.filter { $0.record.isTenantScope }
            let longest = own.max { $0.record.window.length < $1.record.window.length }
            let most = longest?.record.account.posted ?? 0
            if -adjust.amount > most { return .tooMuch(most: most) }
            do {
                for index in located.indices {
                    try located[index].record.account.correct(by: adjust.amount)
                }
            } catch {
                return .outOfRange
            }
            for account in located { accounts.stage(account.record, before: account.before) }
            bookSums(
                UsageEvent(
                    tenant: adjust.tenant, id: adjust.id, meter: adjust.meter,
                    units: adjust.amount, overage: 0, key: .service, model: nil,
                    admittedAt: now, postedAt: now, adjusts: nil, idempotencyKey: nil,
                    metadata: adjust.metadata),
                postings: 0)
        }
        return .done(
            states: located.map(\.state), at: known?.postedAt ?? now, isNew: known == nil)
    }

    /// Books use that another system counted on a day; what lies in a current period counts
    /// against its limits, whether or not they have room.
    mutating func run(_ use: ImportUsageCommand) throws(LedgerError) -> LedgerAnswer {
        if let known = try event(use.id, tenant: use.tenant, meter: use.meter.id) {
            return .imported(earlier: known.units)
        }
        let endOfDay = CivilDate(daysSinceEpoch: use.date.daysSinceEpoch + 1).startUTC
        let at = min(now, endOfDay.adding(nanoseconds: -1))
        try rollOver(use.demands, of: use.tenant)
        var located: [LocatedAccount] = []
        for demand in use.demands {
            let wanted = AccountSpecification(demand.limit, tenant: use.tenant)
            let calendar =
                demand.limit.organization == nil
                ? use.calendar : use.organizationCalendar ?? use.calendar
            var account = try locate(wanted, calendar: calendar)
            guard account.record.period.contains(at) else { continue }
            guard (try? account.record.account.book(overage: use.units)) != nil else {
                return .outOfRange
            }
            located.append(account)
        }
        for account in located { accounts.stage(account.record, before: account.before) }
        let isCalls = use.meter.id == Meter.apiCalls.id
        bookSums(
            UsageEvent(
                tenant: use.tenant, id: use.id, meter: use.meter.id, units: use.units, overage: 0,
                key: use.key, model: use.model, admittedAt: at, postedAt: now, adjusts: nil,
                idempotencyKey: nil, metadata: nil),
            postings: isCalls ? use.units : 1)
        if isCalls {
            let day = KeyDay(key: use.key, date: use.date, tenant: use.tenant)
            let earlier =
                changes.keyDays[day]
                ?? RequestCount(requests: 0, last: .distantPast)
            changes.keyDays[day] = RequestCount(
                requests: earlier.requests.addingSaturating(use.units),
                last: max(earlier.last, use.lastRequestAt ?? at))
        }
        return .imported(earlier: nil)
    }

    private func event(
        _ id: String,
        tenant: TenantID,
        meter: MeterID?
    ) throws(LedgerError) -> UsageEvent? {
        assert(id.utf8.first == UInt8(ascii: "a"), "stores look up only ids that begin with an a")
        for place in stagedCorrections[ExactString(id)] ?? [] {
            let staged = changes.events[place]
            if staged.tenant == tenant, meter == nil || staged.meter == meter { return staged }
        }
        return try reader.event(id, tenant: tenant, meter: meter)
    }
}

extension Window {
    /// Where the window stands among the others, the longest last.
    fileprivate var length: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Account {
    fileprivate mutating func correct(by amount: Int64) throws(AccountError) {
        if amount >= 0 {
            try book(overage: amount)
        } else {
            try unpost(min(-amount, posted))
        }
    }
}
