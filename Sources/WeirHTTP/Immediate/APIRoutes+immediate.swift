import PrometheusExposition
import QuotaModel
import QuotaNode
import StrictJSON

extension APIRoutes {
    /// What is kept for decisions like this one; nil for a refusal, and for warnings of its own.
    @inline(__always)
    func form(of decision: borrowing ImmediateDecision) -> ImmediateForm? {
        guard decision.isAllowed else { return nil }
        guard let known = decision.kept as? ImmediateForm, known.fits(decision) else {
            return newForm(of: copy decision)
        }
        return known.warns(decision) ? nil : known
    }

    private func newForm(of decision: ImmediateDecision) -> ImmediateForm? {
        for index in 0..<decision.count where decision.warns(index) { return nil }
        let form = ImmediateForm(node.decision(decision), metrics)
        decision.keep(form)
        return form
    }

    /// Writes one result of a batch.
    ///
    /// - Parameters:
    ///   - decision: the result.
    ///   - operation: what was asked for.
    ///   - instants: where instants were written before.
    ///   - writer: where it is written.
    /// - Returns: what counts it; nil when it is counted already.
    @inline(__always)
    func write(
        _ decision: borrowing ImmediateDecision,
        _ operation: BatchBody.Operation,
        _ instants: inout WrittenInstant,
        to writer: inout JSONWriter
    ) -> CounterMetric? {
        guard let form = form(of: decision) else {
            writeInFull(copy decision, operation, to: &writer)
            return nil
        }
        writer.raw(upTo: form.maximumBytes(decision) + 16) { cursor in
            cursor.put(#"{"status":200,"#)
            form.put(decision, &instants, to: &cursor)
            cursor.put(UInt8(ascii: "}"))
        }
        return operation == .check ? form.checked : form.consumed
    }

    private func writeInFull(
        _ decision: ImmediateDecision,
        _ operation: BatchBody.Operation,
        to writer: inout JSONWriter
    ) {
        let decision = node.decision(decision)
        metrics.count(decision, operation: operation.rawValue)
        if operation != .check { explanations.add(DecisionOutcome(decision)) }
        APIAnswer.write(
            DecisionOutcome(decision), isCheck: operation == .check, status: true, to: &writer)
    }
}
