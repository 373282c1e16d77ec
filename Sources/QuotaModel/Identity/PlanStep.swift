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
    /// What the plan before gave in a period when the change was decided, so that nobody who edits
    /// or deletes that plan later changes what it was worth; nil when that is not known.
    public internal(set) var left: [PlanQuantity]?

    /// Creates a step.
    public init(
        plan: PlanID,
        since: Timestamp,
        reason: Reason = .changed,
        left: [PlanQuantity]? = nil
    ) {
        self.plan = plan
        self.since = since
        self.reason = reason
        self.left = left
    }
}

/// What a plan gives in a period by one of its limits.
public struct PlanQuantity: Hashable, Sendable {
    /// The name of the limit: `tenant:ai_tokens/month`.
    public let limit: ExactString
    /// The units; nil is unlimited.
    public let quantity: Int64?

    /// Creates a quantity.
    public init(limit: ExactString, quantity: Int64?) {
        self.limit = limit
        self.quantity = quantity
    }
}

extension Plan {
    /// What it gives in a period: its limits that are prorated when a tenant leaves it.
    package var quantities: [PlanQuantity] {
        limits.filter { $0.window.kind == .budget }
            .map { PlanQuantity(limit: ExactString($0.name), quantity: $0.quantity) }
    }
}

// One history of plans, in the past and decided for the future: which plan a tenant is on follows
// from it and the time alone.
extension Tenant {
    /// The most changes of plan that a tenant has in ``planStepMemory``; what a period gives
    /// follows from its changes.
    public static let maximumPlanSteps = 128
    /// How long changes of plan are kept where they are many, in nanoseconds: 400 days, longer than
    /// a year.
    public static let planStepMemory: Int64 = 400 * 86_400_000_000_000

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
        let limit = now.adding(nanoseconds: -Self.planStepMemory)
        while planSteps.count > Self.maximumPlanSteps, let first = planSteps.first,
            first.since < limit
        {
            firstPlan = first.plan
            planSteps.removeFirst()
        }
    }

    /// Notes what the plans that are left give, where a change has just been decided.
    ///
    /// - Parameter quantities: what a plan gives in a period.
    package mutating func noteQuantities(_ quantities: (PlanID) -> [PlanQuantity]?) {
        var before = firstPlan
        for index in planSteps.indices {
            if planSteps[index].left == nil { planSteps[index].left = quantities(before) }
            before = planSteps[index].plan
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
