/// The plan that holds for a tenant, and why: the one place that says so.
public struct ResolvedPlan: Hashable, Sendable {
    /// Why this plan holds.
    public enum Reason: String, Hashable, Sendable {
        /// The tenant is on it.
        case subscription
        /// The tenant is in a trial of it.
        case trial
        /// The plan that the tenant is on does not exist.
        case fallback = "default"
    }

    /// The plan.
    public let plan: Plan
    /// The plan as the tenant names it.
    public let named: PlanID
    /// Why it holds.
    public let reason: Reason
    /// When the trial ends; nil without one.
    public let trialEndsAt: Timestamp?
    /// The next change that is decided; nil when the plan stays.
    public let next: PlanStep?

    /// Resolves the plan of a tenant at an instant.
    ///
    /// - Parameters:
    ///   - tenant: the tenant, with what was decided about its plan.
    ///   - now: the instant.
    ///   - catalog: the plans there are.
    public init(of tenant: Tenant, at now: Timestamp, in catalog: (PlanID) -> Plan?) {
        named = tenant.plan(at: now)
        next = tenant.nextPlanStep(after: now)
        trialEndsAt = tenant.trialEnd(at: now)
        if let plan = catalog(named) {
            self.plan = plan
            reason = trialEndsAt == nil ? .subscription : .trial
        } else {
            plan = catalog(.fallback) ?? Plan.builtIn[0]
            reason = .fallback
        }
    }
}
