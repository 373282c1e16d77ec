/// A plan that a tenant is on from an instant on.
public struct PlanStep: Hashable, Sendable {
    /// Why the plan changes.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Somebody changed it.
        case changed
        /// A trial ends.
        case trialEnd = "trial_end"
    }

    /// The plan, as it was named; it may not exist.
    public let plan: PlanID
    /// The first instant at which it holds.
    public let since: Timestamp
    /// Why it changes.
    public let reason: Reason

    /// Creates a step.
    public init(plan: PlanID, since: Timestamp, reason: Reason = .changed) {
        self.plan = plan
        self.since = since
        self.reason = reason
    }
}

// One history of plans, in the past and decided for the future: which plan a tenant is on follows
// from it and the time alone.
extension Tenant {
    /// The most steps that are kept; older ones are forgotten.
    public static let maximumPlanSteps = 32

    /// The plan at an instant, as it was named.
    public func plan(at instant: Timestamp) -> PlanID {
        planSteps.last { $0.since <= instant }?.plan ?? firstPlan
    }

    /// The next change that is decided; nil when the plan stays.
    public func nextPlanStep(after instant: Timestamp) -> PlanStep? {
        planSteps.first { $0.since > instant }
    }

    /// When the trial ends that the tenant is in; nil when it is in none.
    public func trialEnd(at instant: Timestamp) -> Timestamp? {
        nextPlanStep(after: instant).flatMap { $0.reason == .trialEnd ? $0.since : nil }
    }

    /// Whether it is on a plan now, or will be.
    package func isOn(_ plan: PlanID, from now: Timestamp) -> Bool {
        self.plan(at: now) == plan || planSteps.contains { $0.since > now && $0.plan == plan }
    }

    /// The plan that will hold when everything decided has happened.
    public var lastPlan: PlanID { planSteps.last?.plan ?? firstPlan }

    /// Puts the tenant on a plan from an instant on; what was decided for later is dropped, also
    /// the end of a trial.
    public mutating func setPlan(
        _ plan: PlanID,
        since instant: Timestamp,
        now: Timestamp,
        reason: PlanStep.Reason = .changed
    ) {
        planSteps.removeAll { $0.since > now || $0.since >= instant }
        if self.plan(at: instant) != plan {
            planSteps.append(PlanStep(plan: plan, since: instant, reason: reason))
        }
        while planSteps.count > Self.maximumPlanSteps {
            firstPlan = planSteps.removeFirst().plan
        }
    }

    /// The same form with the plans of another.
    package func continuing(_ other: Tenant) -> Tenant {
        var tenant = self
        tenant.firstPlan = other.firstPlan
        tenant.planSteps = other.planSteps
        return tenant
    }

    /// Puts the tenant on a plan until an instant, and then back on the one it is on now.
    public mutating func beginTrial(of plan: PlanID, until end: Timestamp, now: Timestamp) {
        let isInTrial = trialEnd(at: now) != nil
        let after = isInTrial ? lastPlan : self.plan(at: now)
        setPlan(plan, since: now, now: now)
        planSteps.append(PlanStep(plan: after, since: end, reason: .trialEnd))
    }
}
