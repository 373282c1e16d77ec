import QuotaCalendar
import QuotaEngine
import QuotaModel

// What a period leaves to the next one.
extension LedgerTransaction {
    /// The most periods without an account that are passed over one by one.
    ///
    /// That is more than 27 years of days; what is older is gone.
    private static var maximumGap: Int { 10_000 }

    /// Gives a new account what the periods before it leave.
    ///
    /// A period in which nobody asked has no account; what it has and leaves is computed all the
    /// same, so that the units of a period don't depend on who asked when.
    func inherit(
        _ record: inout AccountRecord,
        from previous: AccountRecord?,
        _ wanted: AccountSpecification,
        _ calendar: TenantCalendar
    ) throws(LedgerError) {
        // What left nothing, and was not decided to leave anything later, begins anew: what its
        // limit is now says nothing of what it was.
        var heir = previous?.terms?.hasUnits ?? false ? previous : nil
        var form = wanted
        var gap = 0
        while let last = heir, last.period.end < record.period.start, gap < Self.maximumGap,
            let next = calendar.period(of: wanted.window, containing: last.period.end)
        {
            let period = Period(start: last.period.end, end: next.end, index: next.index)
            if gap == 0 || !wanted.isSame(from: last.period.start, to: period.start) {
                form = wanted.form(at: period.start)
            }
            heir = try silent(period, after: last, form, like: record)
            gap += 1
        }
        var terms = wanted.terms(in: record.period, at: now)
        if let heir, heir.period.end == record.period.start {
            terms = succession(of: heir, to: record, terms).next
        }
        do {
            try record.setTerms(terms)
        } catch {
            throw LedgerError(.invariant, "\(record.key.limit) can't be carried: \(error)")
        }
    }

    /// The account of a period in which nobody asked, as it is at its end.
    private func silent(
        _ period: Period,
        after previous: AccountRecord,
        _ wanted: AccountSpecification,
        like record: AccountRecord
    ) throws(LedgerError) -> AccountRecord {
        var silent = AccountRecord(
            key: record.key, meter: record.meter, window: record.window,
            isTenantScope: record.isTenantScope, period: period, rule: record.rule,
            account: Account(
                quantity: wanted.quantity(in: period, at: period.start),
                limitRevision: wanted.revision))
        let terms = wanted.terms(in: period, at: period.start)
        do {
            try silent.setTerms(succession(of: previous, to: silent, terms).next)
            try silent.advance(to: period.end)
        } catch {
            throw LedgerError(.invariant, "\(record.key.limit) can't be carried: \(error)")
        }
        return silent
    }

    /// Says what a period that closes leaves to what is decided to follow, or to one like it; the
    /// account of the next one may open much later.
    func foresee(_ record: inout AccountRecord) {
        guard var terms = record.terms else { return }
        var allowance = record.account.allowance
        var next = AccountTerms(policy: terms.policy, plan: terms.plan)
        if let change = terms.coming.first {
            allowance = change.allowance
            next = AccountTerms(policy: change.policy, plan: change.plan)
        }
        terms.coming = []
        record.terms =
            terms.isEmpty
            ? nil
            : terms.succession(
                of: record.account, index: record.period.index, next: (allowance, next),
                opening: record.period.end
            )
            .closed
    }

    private func succession(
        of ended: AccountRecord,
        to record: AccountRecord,
        _ terms: AccountTerms
    ) -> (next: AccountTerms, closed: AccountTerms) {
        var account = ended.account
        // Only a simulation leaves the rule out.
        if omitted.contains(.carryIsFinalAfterClose) { account.forgetOutstanding() }
        return (ended.terms ?? AccountTerms())
            .succession(
                of: account, index: ended.period.index,
                next: (record.account.allowance, terms), opening: record.period.start)
    }

    /// Lets periods have what came back to the ones before them.
    ///
    /// Once a period is closed nothing of it changes, so that what is suspect then is never
    /// carried.
    mutating func raiseCarries() throws(LedgerError) {
        while var ended = accounts.popEnded() {
            let next = AccountID(key: ended.key, periodStart: ended.period.end)
            let following = try account(next)
            let before = ended.account
            guard var record = following else { continue }
            let known = record
            let given = succession(of: ended, to: record, record.terms ?? AccountTerms())
            do {
                try record.setTerms(given.next)
            } catch {
                throw LedgerError(.invariant, "\(ended.key.limit) can't be carried: \(error)")
            }
            if record != known { accounts.stage(record, before: known.account) }
            if ended.terms != given.closed {
                ended.terms = given.closed
                accounts.stage(ended, before: before)
            }
        }
    }
}
