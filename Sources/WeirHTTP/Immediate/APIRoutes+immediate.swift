import PrometheusExposition
import QuotaModel
import QuotaNode
import StrictJSON

extension APIRoutes {
    /// What is kept for decisions like this one; nil for a refusal, and for warnings of its own.
    func form(of decision: ImmediateDecision) -> ImmediateForm? {
        guard decision.isAllowed else { return nil }
        for index in 0..<decision.count where decision.warns(index, decision.figures(index)) {
            return nil
        }
        return decision.kept {
            $0.fits(decision)
        } make: {
            ImmediateForm(node.decision(decision), metrics)
        }
    }

    /// Writes one result of a batch.
    func write(
        _ decision: ImmediateDecision,
        _ operation: BatchBody.Operation,
        to writer: inout JSONWriter
    ) {
        guard let form = form(of: decision) else {
            let decision = node.decision(decision)
            metrics.count(decision, operation: operation.rawValue)
            return APIAnswer.write(
                DecisionOutcome(decision), isCheck: operation == .check, status: true, to: &writer)
        }
        (operation == .check ? form.checked : form.consumed).increment()
        writer.beginObject()
        writer.member("status", 200)
        form.write(decision, to: &writer)
        writer.endObject()
    }
}

extension ImmediateForm {
    /// Writes a decision without the braces around it.
    func write(_ decision: ImmediateDecision, to writer: inout JSONWriter) {
        template.writeMembers(id: decision.id, asOf: decision.asOf, to: &writer) {
            LimitNumbers(decision.figures($0))
        }
    }
}
