public import QuotaModel

/// What limits a tenant at each instant, by what is decided: plans and overrides change on dates,
/// and nobody need ask on them.
public final class EntitlementTimeline: Sendable {
    private let tenant: Tenant
    private let key: APIKey?
    private let overrides: [LimitOverride]
    /// The plans that the tenant names, and the fallback.
    private let plans: [PlanID: Plan]
    /// The plans whose limits held, hold or will hold for it, in the order of their names.
    private let plansOfTenant: [Plan]
    /// When something changes, in order.
    private let dates: [Timestamp]
    /// The newest revision of the plans, be they before, now or later.
    let plansRevision: Int64

    /// Gathers what is decided; nil where nothing has a date.
    init?(
        tenant: Tenant,
        key: APIKey?,
        overrides: [LimitOverride],
        catalog: (PlanID) -> Plan?
    ) {
        if tenant.planSteps.isEmpty && overrides.isEmpty { return nil }
        self.tenant = tenant
        self.key = key
        self.overrides = overrides
        let names = Set([tenant.firstPlan] + tenant.planSteps.map(\.plan)).sorted()
        let named = ([.fallback] + names).compactMap { name in catalog(name).map { (name, $0) } }
        let plans = Dictionary(named) { first, _ in first }
        self.plans = plans
        plansOfTenant = names.compactMap { plans[$0] ?? plans[.fallback] }
        let starts = overrides.map(\.begin)
        let all = tenant.planSteps.map(\.since) + starts + overrides.compactMap(\.expiresAt)
        dates = Set(all).sorted()
        plansRevision = plansOfTenant.map(\.revision).max() ?? 0
    }

    /// The dates after an instant and up to another one on which something changes.
    func dates(after start: Timestamp, upTo end: Timestamp) -> ArraySlice<Timestamp> {
        let first = place(after: start)
        return dates[first..<max(first, place(after: end))]
    }

    /// The first place of a date that is later than an instant.
    private func place(after instant: Timestamp) -> Int {
        var (low, high) = (0, dates.count)
        while low < high {
            let middle = (low + high) / 2
            if dates[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a plan that is to come has a limit of an account which leaves something to its next
    /// period.
    func carries(_ account: ExactString, after instant: Timestamp) -> Bool {
        tenant.planSteps.contains { step in
            step.since > instant
                && (plans[step.plan] ?? plans[.fallback])?.limits
                    .contains { limit in
                        limit.rollover != nil && name(of: limit) == account
                    } ?? false
        }
    }

    /// Whether a plan of the tenant has what carries over for keys.
    var carriesForKeys: Bool { plansOfTenant.contains(where: \.carriesForKeys) }

    /// The budgets of other plans than the present one, one of each account.
    func otherBudgets(than present: [CompiledLimit]) -> [Limit] {
        var names = Set(present.map { ExactString($0.accountName) })
        return plansOfTenant.flatMap(\.limits)
            .filter { limit in
                limit.window.kind == .budget && (key != nil || !limit.scope.isOfKey)
                    && names.insert(name(of: limit)).inserted
            }
    }

    private func name(of limit: Limit) -> ExactString {
        ExactString(CompiledLimit.accountName(of: limit, key: key?.id))
    }

    /// What limits the tenant at an instant.
    func entitlements(at instant: Timestamp) -> Entitlements {
        let catalog = { [plans] (id: PlanID) in plans[id] }
        return Entitlements(
            tenant: tenant, plan: ResolvedPlan(of: tenant, at: instant, in: catalog).plan,
            key: key, overrides: overrides.filter { $0.createdAt <= instant }, organization: nil,
            now: instant, catalog: catalog, timeline: self)
    }
}

extension EntitlementTimeline: Hashable {
    /// Whether the same is decided for the same tenant.
    public static func == (left: EntitlementTimeline, right: EntitlementTimeline) -> Bool {
        left === right
            || left.tenant == right.tenant && left.key == right.key
                && left.overrides == right.overrides && left.plans == right.plans
    }

    /// Hashes what tells most apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(tenant.id)
        hasher.combine(tenant.revision)
    }
}

extension LimitOverride {
    /// The first instant at which it made a difference.
    fileprivate var begin: Timestamp { max(createdAt, startsAt) }
}

extension CompiledLimit {
    /// Whether the limit is decided to be the same at two instants; what changes at the later one
    /// counts.
    public func isSame(from start: Timestamp, to end: Timestamp) -> Bool {
        timeline?.dates(after: start, upTo: end).isEmpty ?? true
    }

    /// The dates after an instant and up to another one on which it may change.
    public func dates(after start: Timestamp, upTo end: Timestamp) -> ArraySlice<Timestamp> {
        timeline?.dates(after: start, upTo: end) ?? []
    }

    /// The limit as it is decided to be at an instant; without a bound where there is none then.
    public func form(at instant: Timestamp) -> CompiledLimit {
        guard let timeline else { return self }
        let entitlements = timeline.entitlements(at: instant)
        let account = ExactString(accountName)
        return entitlements.limits.first { ExactString($0.accountName) == account }
            ?? entitlements.unbounded(limit)
    }

    /// Whether its accounts note what is decided: those of keys do where something carries over for
    /// keys, since else nobody tells them when it is decided otherwise.
    public var notesChanges: Bool {
        !limit.scope.isOfKey || timeline?.carriesForKeys ?? false
    }

    /// Whether it is decided that it will leave something to its next period.
    public func carriesLater(than instant: Timestamp) -> Bool {
        timeline?.carries(ExactString(accountName), after: instant) ?? false
    }
}
