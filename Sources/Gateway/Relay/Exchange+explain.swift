import LLMWire
import NIOCore
import QuotaModel
import QuotaNode
import WeirHTTP

// What can be told of the request later.
extension Exchange {
    /// Units were asked for.
    func explain(_ outcome: DecisionOutcome, _ question: ExchangeQuestion) {
        let log = gateway.explanations
        guard log.isOn else { return }
        let attempt = ExplainedRequest.Attempt(
            decision: outcome.decision, begunAfter: age,
            estimate: (question.estimate.input, question.estimate.output),
            held: outcome.reservation?.held ?? [])
        if let explainedDecision {
            return log.add(attempt, toRequestOf: explainedDecision)
        }
        explainedDecision = outcome.decision.id
        log.add(
            ExplainedRequest(
                id: requestID, endpoint: request.endpoint.name, model: request.model.name,
                currency: request.model.currency, prices: gateway.priceVersion, first: attempt))
    }

    /// An attempt has ended, and what it used is booked.
    func explain(_ conclusion: ExchangeConclusion) {
        guard gateway.explanations.isOn else { return }
        let booking = conclusion.booking
        let (isVoided, outcome) =
            switch conclusion.end {
            case .void: (true, attemptFailure == nil ? "cancelled" : "failed")
            case .settle(let outcome): (false, outcome.rawValue)
            }
        gateway.explanations.end(
            conclusion.decision.id,
            ExplainedRequest.End(
                outcome: outcome,
                backend: backend.map { gateway.name(of: $0.place) },
                failure: attemptFailure?.name,
                detail: attemptFailure?.detail,
                isVoided: isVoided,
                isContradictory: booking.isContradictory,
                tokens: ExplainedRequest.Tokens(
                    input: booking.tokens.input, cachedInput: booking.tokens.cachedInput,
                    output: booking.tokens.output, reasoning: booking.tokens.reasoning,
                    isEstimated: booking.isEstimated),
                extendedTokens: conclusion.extendedTokens,
                booked: isVoided ? [] : conclusion.charges,
                cost: conclusion.cost,
                firstByteAfter: firstByteAt.map { ($0 - begunAt).nanoseconds },
                endedAfter: age))
    }
}

extension UpstreamFailure {
    /// The longest text of a failure that is kept, in bytes.
    private static let maximumDetailBytes = 256

    /// How an explanation calls it.
    fileprivate var name: String {
        switch self {
        case .noneFree: "none_free"
        case .unreachable: "unreachable"
        case .broken: "broken_off"
        case .stale: "stale_connection"
        case .timedOut: "timed_out"
        case .outOfTime: "out_of_time"
        case .overrun: "overrun"
        case .reported: "reported_error"
        case .status(let status, _): "status_\(status)"
        case .garbage: "garbage"
        }
    }

    /// What is known besides, for those who run the server.
    fileprivate var detail: String? {
        switch self {
        case .unreachable(let text), .broken(let text), .reported(let text),
            .garbage(let text):
            String(decoding: text.utf8.prefix(Self.maximumDetailBytes), as: UTF8.self)
        case .noneFree(let seconds): "a backend is expected to be free in \(seconds) s"
        case .stale, .timedOut, .outOfTime, .overrun, .status: nil
        }
    }
}
