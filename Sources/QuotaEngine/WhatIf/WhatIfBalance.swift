import QuotaCalendar
import QuotaModel

/// What is left of one limit, for one tenant, key or model, at the instant that is judged.
struct WhatIfBalance: Sendable {
    /// The period of a budget; use that is older than it counts in it, as with the engine, whose
    /// newest account is the current one.
    private var periodEnd: Timestamp = .distantPast
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
        periodEnd = calendar.period(of: rule.window, containing: instant)?.end ?? .distantFuture
        used = 0
    }

    /// Whether the limit has room for a request.
    @inline(__always)
    func has(_ units: Int64, _ rule: borrowing WhatIfPlan.Rule) -> Bool {
        if let rate = rule.rate { return bucket.has(units, rate) }
        return units <= rule.quantity.subtractingClamped(used)
    }

    /// The units of a budget that are left.
    func rest(_ rule: borrowing WhatIfPlan.Rule) -> Int64 {
        max(0, rule.quantity.subtractingClamped(used))
    }

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
