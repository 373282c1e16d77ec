import QuotaModel
import WeirHTTP

extension ExplainedRequest {
    /// A request that a backend cut, that another one answered, and whose third attempt has not
    /// ended; or only the first two.
    static func sample(tenant: String, underWay: Bool = false) -> [Attempt] {
        let ids = underWay ? ["d_first", "d_second", "d_third"] : ["d_first", "d_second"]
        return ids.map { id in
            let decision = Decision(
                isAllowed: true, isEnforced: true, id: id, tenant: TenantID(trusted: tenant),
                key: nil, plan: PlanID(trusted: "free"), asOf: Timestamp(seconds: 1_795_255_200),
                limits: [])
            return Attempt(
                decision: decision, begunAfter: 1_234_567, estimate: (12, 300),
                held: [Charge(meter: MeterID(trusted: "ai_tokens"), amount: 312)])
        }
    }
}

extension ExplainedRequest.End {
    /// An end that something went wrong with, or nothing.
    static func sample(failure: String?) -> ExplainedRequest.End {
        ExplainedRequest.End(
            outcome: failure == nil ? "completed" : "failed", backend: "10.0.0.7:9001/v1",
            failure: failure, detail: failure.map { _ in "10.0.0.7 hung up" },
            isVoided: false, isContradictory: false,
            tokens: failure != nil
                ? ExplainedRequest.Tokens(
                    input: 0, cachedInput: 0, output: 0, reasoning: 0, isEstimated: false)
                : ExplainedRequest.Tokens(
                    input: 11, cachedInput: 4, output: 250, reasoning: 9, isEstimated: false),
            extendedTokens: 64,
            booked: failure != nil
                ? [] : [Charge(meter: MeterID(trusted: "ai_tokens"), amount: 261)],
            cost: failure != nil ? 0 : 123_000, firstByteAfter: 5_000_000,
            endedAfter: 1_500_000_000)
    }
}

extension Explanations {
    /// Keeps a request of two or three attempts.
    func addSample(tenant: String, underWay: Bool = false) {
        let attempts = ExplainedRequest.sample(tenant: tenant, underWay: underWay)
        add(
            ExplainedRequest(
                id: "mine-1", endpoint: "chat.completions", model: ModelName(trusted: "small"),
                currency: "USD", prices: "v7", first: attempts[0]))
        end("d_first", .sample(failure: "broken_off"))
        for attempt in attempts.dropFirst() { add(attempt, toRequestOf: "d_first") }
        end("d_second", .sample(failure: nil))
    }
}
