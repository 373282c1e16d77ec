public import QuotaModel

/// What limits a tenant at each instant, by what is decided: plans and overrides change on dates,
/// and nobody need ask on them.
public final class EntitlementTimeline: Sendable {
    private let tenant: Tenant
    fileprivate let key: APIKey?
    private let overrides: [LimitOverride]
    /// The plans that the tenant was on, is on and will be on, as it names them.
    private let plans: [PlanID: Plan]
    /// When something changes, in order.
    private let dates: [Timestamp]

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
        let names = [.fallback, tenant.firstPlan] + tenant.planSteps.map(\.plan)
        plans = Dictionary(names.compactMap { name in catalog(name).map { (name, $0) } }) {
            first, _ in first
        }
        let starts = overrides.map(\.begin)
        dates = (tenant.planSteps.map(\.since) + starts + overrides.compactMap(\.expiresAt))
            .sorted()
    }

    /// Whether nothing changes between two instants; what changes at the later one counts.
    func isSame(from start: Timestamp, to end: Timestamp) -> Bool {
        !dates.contains { start < $0 && $0 <= end }
    }

    /// The dates up to an instant on which something changed.
    func dates(until instant: Timestamp) -> ArraySlice<Timestamp> {
        dates.prefix { $0 <= instant }
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
    /// Whether the limit is decided to be the same at two instants.
    public func isSame(from start: Timestamp, to end: Timestamp) -> Bool {
        timeline?.isSame(from: start, to: end) ?? true
    }

    /// The limit as it is decided to be at an instant; without a bound where there is none then.
    public func form(at instant: Timestamp) -> CompiledLimit {
        guard let timeline else { return self }
        let entitlements = timeline.entitlements(at: instant)
        if let found = entitlements.limits.first(where: { $0.isSameAccount(as: self) }) {
            return found
        }
        var unbounded = limit
        unbounded.quantity = nil
        return CompiledLimit(
            unbounded, key: timeline.key?.id, source: .plan, revision: entitlements.revision,
            timeline: timeline)
    }

    private func isSameAccount(as other: CompiledLimit) -> Bool {
        ExactString(accountName) == ExactString(other.accountName)
    }

    /// The first date up to an instant from which on it leaves something to its next period.
    public func firstCarryingDate(until instant: Timestamp) -> Timestamp? {
        timeline?.dates(until: instant).first { form(at: $0).policy != nil }
    }
}
