package import QuotaModel

/// A change of a tenant's plan as stores keep it.
package struct StoredPlanStep: Codable {
    private let plan: String
    private let since: Int64
    private let reason: String

    /// The stored form of a step.
    package init(_ step: PlanStep) {
        plan = step.plan.text
        since = step.since.nanoseconds
        reason = step.reason.rawValue
    }

    /// The step.
    package var step: PlanStep {
        PlanStep(
            plan: PlanID(trusted: plan), since: Timestamp(nanoseconds: since),
            reason: PlanStep.Reason(rawValue: reason) ?? .changed)
    }
}
