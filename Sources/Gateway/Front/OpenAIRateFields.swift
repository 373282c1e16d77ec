import NIOHTTP1
import QuotaModel
import WeirHTTP

/// The fields by which the official clients know their limits:
/// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, and those of the IETF's draft.
struct OpenAIRateFields {
    private let decision: Decision
    private let requests: MeterID
    private let tokens: MeterID

    /// The fields of a decision.
    ///
    /// - Parameters:
    ///   - decision: what was decided.
    ///   - requests: the meter of requests.
    ///   - tokens: the meter of tokens.
    init(_ decision: Decision, requests: MeterID, tokens: MeterID) {
        self.decision = decision
        self.requests = requests
        self.tokens = tokens
    }

    func add(to headers: inout HTTPHeaders) {
        if let status = binding(requests) {
            add("requests", status, to: &headers)
        }
        if let status = binding(tokens) {
            add("tokens", status, to: &headers)
        }
        let fields = RateLimitFields(decision)
        if let policy = fields.policy { headers.add(name: "RateLimit-Policy", value: policy) }
        if let limit = fields.limit { headers.add(name: "RateLimit", value: limit) }
    }

    /// The limit of a meter that will refuse first.
    private func binding(_ meter: MeterID) -> LimitStatus? {
        var found: LimitStatus?
        for status in decision.limits where status.meter == meter {
            guard let remaining = status.remaining, status.limit != nil else { continue }
            if let known = found?.remaining, known <= remaining { continue }
            found = status
        }
        return found
    }

    private func add(_ kind: String, _ status: LimitStatus, to headers: inout HTTPHeaders) {
        guard let limit = status.limit, let remaining = status.remaining else { return }
        headers.add(name: "x-ratelimit-limit-\(kind)", value: String(limit))
        headers.add(name: "x-ratelimit-remaining-\(kind)", value: String(remaining))
        if let reset = status.resetAt {
            let wait = max(0, reset.nanoseconds(since: decision.asOf))
            headers.add(name: "x-ratelimit-reset-\(kind)", value: Self.duration(wait))
        }
    }

    /// A duration as Go writes it: `20ms`, `1s`, `6m0s`, `24h0m0s`.
    static func duration(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0)
        if milliseconds < 1_000 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1_000 + (milliseconds % 1_000 > 0 ? 1 : 0)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3_600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3_600)h\(seconds / 60 % 60)m\(seconds % 60)s"
    }
}
