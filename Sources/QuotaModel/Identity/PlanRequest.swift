/// What is asked of a tenant's plan.
public struct PlanRequest: Sendable, Hashable {
    /// When a change of plan acts.
    public enum When: String, Sendable, Hashable, CaseIterable {
        /// Now.
        case now
        /// When the billing period ends.
        case periodEnd = "period_end"
    }

    /// A plan, and an instant of it.
    public struct Dated: Sendable, Hashable {
        /// The plan.
        public let plan: PlanID
        /// From when on, or until when.
        public let at: Timestamp

        /// Creates a dated plan.
        public init(plan: PlanID, at: Timestamp) {
            self.plan = plan
            self.at = at
        }
    }

    /// The plan to change to.
    public var plan: PlanID?
    /// When that acts; nil for what is usual: a larger plan now, a smaller one when the billing
    /// period ends.
    public var when: When?
    /// A change to be made later, or nil inside to make none.
    public var scheduled: Dated??
    /// A trial that begins now, or nil inside to end the one there is.
    public var trial: Dated??

    /// Creates a request.
    public init(
        plan: PlanID? = nil,
        when: When? = nil,
        scheduled: Dated?? = .none,
        trial: Dated?? = .none
    ) {
        self.plan = plan
        self.when = when
        self.scheduled = scheduled
        self.trial = trial
    }

    /// The same request, where it has the form in which a tenant in a trial is shown: the change
    /// at the end of the trial is to the plan after it.
    package var meant: PlanRequest {
        guard case .some(let trial?) = trial, case .some(let next?) = scheduled,
            next.at == trial.at
        else { return self }
        return PlanRequest(plan: next.plan, when: when, trial: self.trial)
    }

    /// Whether a trial is asked for.
    package var beginsTrial: Bool {
        if case .some(.some) = trial { return true }
        return false
    }

    /// Whether nothing is asked.
    package var isEmpty: Bool { self == PlanRequest() }
}
