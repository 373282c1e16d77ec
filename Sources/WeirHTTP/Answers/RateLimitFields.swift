package import QuotaModel
import StrictJSON

/// The `RateLimit` and `RateLimit-Policy` headers of a decision.
///
/// Source: draft-ietf-httpapi-ratelimit-headers-10; the values are lists of Structured Fields (RFC
/// 9651).
package struct RateLimitFields {
    /// For example `"tenant:api_calls/month";q=1000;w=2592000`; empty when no limit has a bound.
    package private(set) var policyBytes: [UInt8] = []
    /// For example `"tenant:api_calls/month";r=999;t=864000`; empty when no limit has a bound.
    package private(set) var limitBytes: [UInt8] = []
    /// Seconds after which a refused request may be tried again.
    let retryAfterSeconds: Int64?

    /// The headers of a decision.
    init(_ decision: Decision) {
        retryAfterSeconds = decision.deniedBy?.retryAfterNanoseconds?
            .dividedRoundingUp(by: 1_000_000_000)
        reserve(decision.limits.count)
        for status in decision.limits {
            // A rate lets the request through before its bucket is full again.
            let isDenied = status.id == decision.deniedBy?.limitID
            add(
                RateLimitTemplate(status), LimitNumbers(status), asOf: decision.asOf,
                retryAfter: isDenied ? retryAfterSeconds : nil)
        }
    }

    /// The headers of an admitted decision.
    ///
    /// - Parameters:
    ///   - template: the decision.
    ///   - asOf: the instant of the numbers.
    ///   - numbers: the numbers of the limit at a place among the template's.
    package init(_ template: DecisionTemplate, asOf: Timestamp, numbers: (Int) -> LimitNumbers) {
        retryAfterSeconds = nil
        reserve(template.limits.count)
        for (index, limit) in template.limits.enumerated() {
            add(limit.rateLimit, numbers(index), asOf: asOf, retryAfter: nil)
        }
    }

    /// The value of `RateLimit-Policy`; nil when no limit has a bound.
    var policy: String? {
        policyBytes.isEmpty ? nil : String(decoding: policyBytes, as: UTF8.self)
    }

    /// The value of `RateLimit`; nil when no limit has a bound.
    var limit: String? {
        limitBytes.isEmpty ? nil : String(decoding: limitBytes, as: UTF8.self)
    }

    private mutating func reserve(_ count: Int) {
        policyBytes.reserveCapacity(64 * count)
        limitBytes.reserveCapacity(64 * count)
    }

    private mutating func add(
        _ template: RateLimitTemplate?,
        _ numbers: LimitNumbers,
        asOf: Timestamp,
        retryAfter: Int64?
    ) {
        guard let template, let available = numbers.available else { return }
        if !policyBytes.isEmpty {
            policyBytes.append(ascii: ", ")
            limitBytes.append(ascii: ", ")
        }
        let reset = numbers.resetAt.map {
            max(0, $0.nanoseconds(since: asOf)).dividedRoundingUp(by: 1_000_000_000)
        }
        policyBytes.append(contentsOf: template.policy)
        template.write(available: available, reset: retryAfter ?? reset, to: &limitBytes)
    }
}
