package import QuotaModel

extension DecisionOutcome {
    /// The outcome of a decision that held nothing.
    package init(_ decision: Decision) {
        self.init(decision: decision, reservation: nil)
    }
}
