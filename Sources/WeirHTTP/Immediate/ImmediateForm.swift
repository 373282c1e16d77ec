import PrometheusExposition
import QuotaModel
import QuotaNode
import StrictJSON

/// What the answers to all requests of one form have in common.
final class ImmediateForm: Sendable {
    let template: DecisionTemplate
    /// Counts what is admitted.
    let consumed: CounterMetric
    let checked: CounterMetric

    init(_ decision: Decision, _ metrics: APIMetrics) {
        template = DecisionTemplate(decision)
        let plan = decision.plan.text
        consumed = metrics.admitted(plan: plan, operation: "consume")
        checked = metrics.admitted(plan: plan, operation: "check")
    }

    /// Whether a decision is one of those: its limits allow the same.
    @inline(__always)
    func fits(_ decision: borrowing ImmediateDecision) -> Bool {
        for index in template.limits.indices
        where !template.limits[index].fits(decision.limitFigures[index]) {
            return false
        }
        return true
    }

    /// Whether a decision has warnings of its own.
    @inline(__always)
    func warns(_ decision: borrowing ImmediateDecision) -> Bool {
        for index in template.limits.indices
        where template.limits[index].warns(decision.limitFigures[index]) {
            return true
        }
        return false
    }

    /// The most that ``put(_:_:to:)`` writes.
    @inline(__always)
    func maximumBytes(_ decision: borrowing ImmediateDecision) -> Int {
        template.maximumBytes(decision.tenant, decision.key)
    }

    /// Writes a decision without the braces around it.
    ///
    /// - Parameters:
    ///   - decision: the decision.
    ///   - instants: where instants were written before; the next one may be the same.
    ///   - cursor: where it is written.
    @inline(__always)
    func put(
        _ decision: borrowing ImmediateDecision,
        _ instants: inout WrittenInstant,
        to cursor: inout ByteCursor
    ) {
        template.put(
            decision.tenant, decision.key, asOf: decision.asOf, &instants, to: &cursor
        ) { start in
            decision.writeID(to: start)
            return ImmediateDecision.idBytes
        } figures: {
            decision.limitFigures[$0]
        }
    }
}
