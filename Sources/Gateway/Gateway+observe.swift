import QuotaModel

extension Gateway {
    /// An attempt has ended, and what it used is booked: learn from it, and count it.
    func observe(_ conclusion: ExchangeConclusion, _ exchange: Exchange) {
        let (request, booking) = (exchange.request, conclusion.booking)
        guard case .settle(let outcome) = conclusion.end else { return }
        metrics.count(
            model: request.model.name.text, endpoint: request.endpoint.name,
            plan: conclusion.decision.plan.text, outcome: outcome.rawValue,
            nanoseconds: exchange.age)
        metrics.count(
            model: request.model.name.text, input: booking.tokens.input,
            output: booking.tokens.output)
        // What was cut is no measure of what would have come.
        if outcome == .completed, !booking.isEstimated { learn(booking.tokens, of: request) }
    }
}
