package import QuotaModel

/// A change of a tenant's plan as stores keep it.
package struct StoredPlanStep: Codable {
    private let plan: String
    private let since: Int64
    private let reason: String
    private let left: [Quantity]?

    private struct Quantity: Codable {
        let limit: String
        let quantity: Int64?
    }

    /// The stored form of a step.
    package init(_ step: PlanStep) {
        plan = step.plan.text
        since = step.since.nanoseconds
        reason = step.reason.rawValue
        left = step.left?.map { Quantity(limit: $0.limit.text, quantity: $0.quantity) }
    }

    /// The step.
    package var step: PlanStep {
        PlanStep(
            plan: PlanID(trusted: plan), since: Timestamp(nanoseconds: since),
            reason: PlanStep.Reason(rawValue: reason) ?? .changed,
            left: left?
                .map { PlanQuantity(limit: ExactString($0.limit), quantity: $0.quantity) })
    }
}
