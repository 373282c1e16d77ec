import QuotaCalendar
import QuotaEngine
import QuotaModel

/// What an account is opened with.
struct AccountSpecification {
    let key: AccountKey
    let meter: MeterID
    let window: Window
    let isTenantScope: Bool
    let revision: Int64
    let policy: RolloverPolicy?
    /// The plan that the policy is of; nil without one.
    let plan: PlanID?
    let thresholds: PercentSet
    private let source: Source

    /// Where the units of a period come from.
    private enum Source {
        case limit(CompiledLimit, of: TenantID)
        case allowance(Int64?)
    }

    init(_ limit: CompiledLimit, tenant: TenantID) {
        key = limit.accountKey(of: tenant)
        meter = limit.limit.meter
        window = limit.limit.window
        isTenantScope = limit.limit.scope == .tenant
        revision = limit.revision
        policy = limit.policy
        plan = limit.policy == nil ? nil : limit.plan
        thresholds = PercentSet(limit.limit.effectiveThresholds)
        source = .limit(limit, of: tenant)
    }

    /// Like the account of a period before; a newer limit will adjust it.
    init(like record: AccountRecord) {
        key = record.key
        meter = record.meter
        window = record.window
        isTenantScope = record.isTenantScope
        revision = record.account.limitRevision
        policy = record.terms?.policy
        plan = record.terms?.policy == nil ? nil : record.terms?.plan
        thresholds = record.thresholds
        source = .allowance(record.account.allowance)
    }

    /// The units that the limit gives in a period, as far as is known at an instant.
    func quantity(in period: Period, at now: Timestamp) -> Int64? {
        switch source {
        case .limit(let limit, _): limit.quantity(in: period, at: now)
        case .allowance(let allowance): allowance
        }
    }
}

// What is decided for other instants.
extension AccountSpecification {
    /// Whether it says anything of other instants.
    var knowsDates: Bool {
        if case .limit = source { true } else { false }
    }

    /// The same for the limit as it is at an instant.
    func form(at instant: Timestamp) -> AccountSpecification {
        guard case .limit(let limit, let tenant) = source else { return self }
        return AccountSpecification(limit.form(at: instant), tenant: tenant)
    }

    /// Whether the limit is the same at two instants.
    func isSame(from start: Timestamp, to end: Timestamp) -> Bool {
        guard case .limit(let limit, _) = source else { return true }
        return limit.isSame(from: start, to: end)
    }

    /// The first date up to an instant from which on the limit leaves something to its next
    /// period.
    func firstCarryingDate(until instant: Timestamp) -> Timestamp? {
        guard case .limit(let limit, _) = source else { return nil }
        return limit.firstCarryingDate(until: instant)
    }

    /// What an account that opens at an instant of its period has at first beside its units: what
    /// the period began with counts, and what it will end with.
    func terms(in period: Period, at instant: Timestamp) -> AccountTerms {
        var terms = AccountTerms(policy: policy, plan: plan)
        if !isSame(from: period.start, to: instant) {
            let first = form(at: period.start)
            terms.opening = AccountTerms.Opening(
                allowance: first.quantity(in: period, at: period.start), policy: first.policy,
                plan: first.plan)
        }
        terms.ending = ending(of: period, after: instant)
        return terms
    }

    /// What the limit is at the end of a period; nil where it stays as it is at an instant.
    func ending(of period: Period, after instant: Timestamp) -> AccountTerms.Ending? {
        let end = period.end.adding(nanoseconds: -1)
        if period == .lifetime || isSame(from: instant, to: end) { return nil }
        let last = form(at: end)
        return AccountTerms.Ending(
            allowance: last.quantity(in: period, at: end), limitRevision: last.revision,
            policy: last.policy, plan: last.plan)
    }
}
