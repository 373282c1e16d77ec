package import HTTPTypes
package import Hummingbird
package import QuotaModel
import QuotaNode

/// What the API says of decisions, for front doors that answer other routes.
package enum DecisionResponse {
    /// The problem of a refused request, with its headers: 429, or 403 for a suspended tenant or
    /// key.
    package static func refusal(_ decision: Decision) -> Response {
        APIAnswer(DecisionOutcome(decision)).response
    }

    /// Adds the headers of a decision to a response, behind those of another decision.
    package static func addHeaders(of decision: Decision, to headers: inout HTTPFields) {
        let fields = RateLimitFields(decision)
        append(fields.policy, to: &headers[.rateLimitPolicy])
        append(fields.limit, to: &headers[.rateLimit])
    }

    private static func append(_ value: String?, to field: inout String?) {
        guard let value else { return }
        field = field.map { $0 + ", " + value } ?? value
    }

    /// The answer to every bad API key, whatever is wrong with it.
    package static func badKey() -> Response {
        APIAnswer(
            Problem(
                .unauthorized,
                "send a valid API key as \"Authorization: Bearer <key>\" or \"X-API-Key: <key>\"")
        )
        .response
    }

    /// The answer to a request that does not name what it must.
    package static func problem(_ status: HTTPResponse.Status, _ detail: String) -> Response {
        APIAnswer(Problem(status, detail)).response
    }

    /// The answer while nobody can say whether there is room.
    package static func unavailable(_ detail: String) -> Response {
        var problem = Problem(.serviceUnavailable, detail)
        problem.type = ProblemType.reducedCapacity
        problem.reason = Refusal.Reason.unavailable.rawValue
        problem.retryAfterSeconds = 1
        return APIAnswer(problem).response
    }

    /// The API key that a request shows: `Authorization: Bearer`, or else `X-API-Key`.
    package static func shownKey(_ headers: HTTPFields) -> String? {
        if let field = headers[.authorization] {
            let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1]) }
        }
        return headers[.apiKey]
    }
}
