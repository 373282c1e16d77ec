import PrometheusExposition
import QuotaModel
import QuotaNode

/// What the answers to all requests of one form have in common.
final class ImmediateForm: Sendable {
    let template: DecisionTemplate
    /// The units that each limit allows.
    private let quantities: [Int64?]
    /// Counts what is admitted.
    let consumed: CounterMetric
    let checked: CounterMetric

    init(_ decision: Decision, _ metrics: APIMetrics) {
        template = DecisionTemplate(decision, warnings: decision.warnings)
        quantities = decision.limits.map(\.limit)
        let plan = decision.plan.text
        consumed = metrics.admitted(plan: plan, operation: "consume")
        checked = metrics.admitted(plan: plan, operation: "check")
    }

    /// Whether a decision is one of those: its limits allow the same.
    func fits(_ decision: ImmediateDecision) -> Bool {
        quantities.indices.allSatisfy { decision.figures($0).limit == quantities[$0] }
    }
}

extension LimitNumbers {
    /// The figures of a limit.
    init(_ figures: LimitFigures) {
        self.init(
            used: figures.used, held: figures.held, suspect: figures.suspect,
            remaining: figures.remaining, available: figures.available, resetAt: figures.resetAt)
    }
}
