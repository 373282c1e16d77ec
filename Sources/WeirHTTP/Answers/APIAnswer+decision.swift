import HTTPTypes
public import QuotaModel
import QuotaNode
public import StrictJSON

extension APIAnswer {
    /// The answer to `consume` and `reserve`.
    init(_ outcome: DecisionOutcome) {
        let decision = outcome.decision
        var writer = JSONWriter(capacity: 1024)
        Self.write(outcome, isCheck: false, status: false, to: &writer)
        self.init(
            HTTPResponse.Status(decision, reserves: outcome.reservation != nil),
            headers: [
                .contentType: decision.isAllowed ? "application/json" : "application/problem+json"
            ],
            body: writer.bytes)
        addRateLimitHeaders(decision)
    }

    /// Writes a decision as an object; `status` adds the status to one that is no problem.
    static func write(
        _ outcome: DecisionOutcome,
        isCheck: Bool,
        status isShown: Bool,
        to writer: inout JSONWriter
    ) {
        let decision = outcome.decision
        let refused = HTTPResponse.Status(decision, reserves: outcome.reservation != nil)
        writer.object { writer in
            if isShown, isCheck || decision.isAllowed {
                writer.member("status", isCheck ? 200 : refused.code)
            }
            if let reservation = outcome.reservation {
                writer.member("reservation_id", reservation.id.text)
                writer.member("expires_at", reservation.expiresAt.truncatedToMilliseconds)
            }
            decision.writeMembers(to: &writer)
            if let refusal = decision.deniedBy, !isCheck {
                decision.writeProblemMembers(refusal, status: refused, to: &writer)
            }
        }
    }

    /// The answer to `check`: 200 whatever the decision.
    init(check decision: Decision) {
        self = .json(capacity: 1024) { decision.writeMembers(to: &$0) }
        addRateLimitHeaders(decision)
    }

    mutating func addRateLimitHeaders(_ decision: Decision) {
        let fields = RateLimitFields(decision)
        if let policy = fields.policy { headers[.rateLimitPolicy] = policy }
        if let limit = fields.limit { headers[.rateLimit] = limit }
        if let seconds = fields.retryAfterSeconds, status == .tooManyRequests {
            headers[.retryAfter] = String(seconds)
        }
    }
}

extension HTTPResponse.Status {
    init(_ decision: Decision, reserves: Bool) {
        switch decision.deniedBy?.reason {
        case nil: self = reserves ? .created : .ok
        case .quotaExceeded, .rateExceeded, .concurrencyExceeded: self = .tooManyRequests
        case .suspended: self = .forbidden
        case .unavailable: self = .serviceUnavailable
        }
    }
}

extension Timestamp: JSONWritable {
    /// Writes what the API shows.
    public func write(to writer: inout JSONWriter) {
        writer.asciiString(upTo: Self.maximumDescriptionBytes) { writeDescription(to: $0) }
    }
}

extension Decision {
    fileprivate func writeProblemMembers(
        _ refusal: Refusal,
        status: HTTPResponse.Status,
        to writer: inout JSONWriter
    ) {
        let isQuota = status == .tooManyRequests
        writer.member("type", isQuota ? ProblemType.quotaExceeded : "about:blank")
        writer.member("title", refusal.title)
        writer.member("status", status.code)
        writer.member("detail", refusal.detail ?? warnings.last ?? refusal.title)
        writer.member("violated-policies", violated)
    }
}

extension Refusal {
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", limitID)
        writer.member("requested", requested)
        writer.member("available", available)
        writer.member("retry_after_ms", retryAfterNanoseconds?.dividedRoundingUp(by: 1_000_000))
        writer.member("reason", reason.rawValue)
        if let upgrade {
            writer.object("upgrade") { writer in
                writer.member("plan", upgrade.plan.text)
                writer.member("limit", upgrade.limit)
            }
        } else {
            writer.null("upgrade")
        }
    }

    fileprivate var title: String {
        switch reason {
        case .quotaExceeded: "Quota exceeded"
        case .rateExceeded: "Rate limit exceeded"
        case .concurrencyExceeded: "Too many requests at once"
        case .suspended: "Suspended"
        case .unavailable: "Temporarily reduced capacity"
        }
    }

    fileprivate var detail: String? {
        guard let limitID else { return nil }
        return "\(limitID): \(requested) requested, \(available) available"
    }
}

extension Int64 {
    /// The quotient of non-negative numbers, rounded up.
    func dividedRoundingUp(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 ? quotient + 1 : quotient
    }
}
