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

    /// Whether it is decided that the limit will leave something to its next period.
    func carriesLater(than instant: Timestamp) -> Bool {
        guard case .limit(let limit, _) = source else { return false }
        return limit.carriesLater(than: instant)
    }

    /// What an account that opens at an instant of its period has at first beside its units: what
    /// the period began with counts, and what is decided to come.
    func terms(in period: Period, at instant: Timestamp) -> AccountTerms {
        var terms = AccountTerms(policy: policy, plan: plan)
        if !isSame(from: period.start, to: instant) {
            let first = form(at: period.start)
            terms.opening = AccountTerms.Opening(
                allowance: first.quantity(in: period, at: period.start), policy: first.policy,
                plan: first.plan)
        }
        terms.coming = changes(in: period, after: instant)
        terms.carriesLater = carriesLater(than: instant)
        return terms
    }

    /// The most changes that an account notes; of more, the last ones come together.
    private static let maximumChanges = 32

    /// How the limit is decided to change until the end of a period, and with it.
    func changes(in period: Period, after instant: Timestamp) -> [AccountTerms.Change] {
        guard case .limit(let limit, let tenant) = source, period.end < .distantFuture,
            limit.notesChanges
        else { return [] }
        let dates = limit.dates(after: instant, upTo: period.end)
        let following = Period(
            start: period.end, end: .distantFuture, index: period.index.addingSaturating(1))
        let noted =
            dates.prefix(Self.maximumChanges - 1)
            + dates.dropFirst(
                max(Self.maximumChanges - 1, dates.count - 1))
        var last = (quantity(in: period, at: instant), policy, plan)
        return noted.compactMap { date in
            let form = AccountSpecification(limit.form(at: date), tenant: tenant)
            let next = (
                form.quantity(in: date < period.end ? period : following, at: date), form.policy,
                form.plan
            )
            // Many dates are of other limits.
            if next == last { return nil }
            last = next
            return AccountTerms.Change(
                since: date, allowance: next.0, limitRevision: form.revision,
                policy: next.1, plan: next.2)
        }
    }
}
