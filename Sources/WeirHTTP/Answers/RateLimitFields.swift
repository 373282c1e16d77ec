package import QuotaModel
import StrictJSON

/// The `RateLimit` and `RateLimit-Policy` headers of a decision.
///
/// Source: draft-ietf-httpapi-ratelimit-headers-10; the values are lists of Structured Fields (RFC
/// 9651).
package struct RateLimitFields {
    /// For example `"tenant:api_calls/month";q=1000;w=2592000`; empty when no limit has a bound.
    private(set) var policyBytes: [UInt8] = []
    /// For example `"tenant:api_calls/month";r=999;t=864000`; empty when no limit has a bound.
    private(set) var limitBytes: [UInt8] = []
    /// Seconds after which a refused request may be tried again.
    package let retryAfterSeconds: Int64?

    /// The headers of a decision.
    package init(_ decision: Decision) {
        retryAfterSeconds = decision.deniedBy?.retryAfterNanoseconds?
            .dividedRoundingUp(by: 1_000_000_000)
        reserve(decision.limits.count)
        for status in decision.limits {
            // A rate lets the request through before its bucket is full again.
            let isDenied = status.id == decision.deniedBy?.limitID
            add(
                RateLimitTemplate(status), LimitFigures(status), asOf: decision.asOf,
                retryAfter: isDenied ? retryAfterSeconds : nil)
        }
    }

    /// The headers of an admitted decision.
    ///
    /// - Parameters:
    ///   - template: the decision.
    ///   - asOf: the instant of the figures.
    ///   - figures: the figures of the limit at a place among the template's.
    init(_ template: DecisionTemplate, asOf: Timestamp, figures: (Int) -> LimitFigures) {
        retryAfterSeconds = nil
        reserve(template.rateLimits.count)
        for index in template.rateLimits.indices {
            add(template.rateLimits[index], figures(index), asOf: asOf, retryAfter: nil)
        }
    }

    /// The value of `RateLimit-Policy`; nil when no limit has a bound.
    package var policy: String? {
        policyBytes.isEmpty ? nil : String(decoding: policyBytes, as: UTF8.self)
    }

    /// The value of `RateLimit`; nil when no limit has a bound.
    package var limit: String? {
        limitBytes.isEmpty ? nil : String(decoding: limitBytes, as: UTF8.self)
    }

    private mutating func reserve(_ count: Int) {
        policyBytes.reserveCapacity(64 * count)
        limitBytes.reserveCapacity(64 * count)
    }

    private mutating func add(
        _ template: RateLimitTemplate?,
        _ figures: LimitFigures,
        asOf: Timestamp,
        retryAfter: Int64?
    ) {
        guard let template, let available = figures.available else { return }
        if !policyBytes.isEmpty {
            policyBytes.append(ascii: ", ")
            limitBytes.append(ascii: ", ")
        }
        let reset = figures.resetAt.map {
            max(0, $0.nanoseconds(since: asOf)).dividedRoundingUp(by: 1_000_000_000)
        }
        policyBytes.append(contentsOf: template.policy)
        template.write(available: available, reset: retryAfter ?? reset, to: &limitBytes)
    }
}
