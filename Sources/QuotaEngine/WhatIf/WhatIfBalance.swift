import QuotaCalendar
import QuotaModel

/// What is left of one limit, for one tenant, key or model, at the instant that is judged.
struct WhatIfBalance: Sendable {
    /// The most periods without use that are passed over one by one, as in the ledger.
    private static let maximumGap = 10_000

    /// The end of a budget's period; use that is older than it counts in it, as with the engine,
    /// whose newest account is the current one.
    private var periodEnd: Timestamp = .distantPast
    /// The period's index.
    private var index: Int64 = 0
    /// What a budget has in its period, with what was carried into it.
    private var quantity: Int64 = 0
    /// What the limit carries from period to period; nil for nothing.
    private var terms: AccountTerms?
    /// What is used of a budget in its period.
    private(set) var used: Int64 = 0
    /// A rate's bucket, which begins full.
    private(set) var bucket = TokenBucket(updatedAt: .distantPast)

    /// Brings the balance to an instant.
    @inline(__always)
    mutating func advance(
        to instant: Timestamp,
        _ rule: borrowing WhatIfPlan.Rule,
        _ calendar: borrowing TenantCalendar
    ) {
        if let rate = rule.rate { return bucket.refill(rate, now: instant) }
        if instant < periodEnd { return }
        begin(at: instant, rule, calendar)
    }

    private mutating func begin(
        at instant: Timestamp,
        _ rule: borrowing WhatIfPlan.Rule,
        _ calendar: borrowing TenantCalendar
    ) {
        let period = calendar.period(of: rule.window, containing: instant)
        if let policy = rule.policy, let period {
            inherit(AccountTerms(policy: policy), until: period.start, rule, calendar)
        }
        periodEnd = period?.end ?? .distantFuture
        index = period?.index ?? 0
        quantity = rule.quantity.addingClamped(terms?.extra ?? 0)
        used = 0
    }

    /// Takes over what the periods before one leave, also those without use.
    private mutating func inherit(
        _ own: AccountTerms,
        until start: Timestamp,
        _ rule: borrowing WhatIfPlan.Rule,
        _ calendar: borrowing TenantCalendar
    ) {
        guard var terms else {
            self.terms = own
            return
        }
        var gap = 0
        while gap < Self.maximumGap {
            let capacity = rule.quantity.addingClamped(terms.extra)
            let account = Account(
                capacity: capacity, available: capacity.subtractingClamped(used), escrowed: 0,
                suspect: 0, posted: used, isUnlimited: false, state: .closed, limitRevision: 0,
                version: 0, extra: terms.extra)
            terms =
                terms.succession(
                    of: account, index: index, next: (rule.quantity, own), opening: periodEnd
                )
                .next
            guard periodEnd < start,
                let next = calendar.period(of: rule.window, containing: periodEnd)
            else { break }
            (periodEnd, index, used) = (next.end, next.index, 0)
            gap += 1
        }
        self.terms = terms
    }

    /// Whether the limit has room for a request.
    @inline(__always)
    func has(_ units: Int64, _ rule: borrowing WhatIfPlan.Rule) -> Bool {
        if let rate = rule.rate { return bucket.has(units, rate) }
        return units <= quantity.subtractingClamped(used)
    }

    /// The units of a budget that are left.
    var rest: Int64 { max(0, quantity.subtractingClamped(used)) }

    /// Takes units, be they there or not.
    @inline(__always)
    mutating func take(_ units: Int64, _ rule: borrowing WhatIfPlan.Rule) {
        if let rate = rule.rate {
            _ = bucket.take(units, rate, enforced: false)
        } else {
            used = used.addingClamped(units)
        }
    }

    /// Adds a correction to a budget, or takes it back: not more than there is.
    mutating func correct(by units: Int64) {
        used = max(0, used.addingClamped(units))
    }
}
