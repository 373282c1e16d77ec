import QuotaModel

/// The `RateLimit` and `RateLimit-Policy` headers of a decision.
///
/// Source: draft-ietf-httpapi-ratelimit-headers-10; the values are lists of Structured Fields (RFC
/// 9651).
struct RateLimitFields {
    /// For example `"tenant:api_calls/month";q=1000;w=2592000`.
    let policy: String?
    /// For example `"tenant:api_calls/month";r=999;t=864000`.
    let limit: String?
    /// Seconds after which a refused request may be tried again.
    let retryAfterSeconds: Int64?

    /// The largest integer of a Structured Field.
    private static let maximumInteger: Int64 = 999_999_999_999_999

    init(_ decision: Decision) {
        let retryAfter = decision.deniedBy?.retryAfterNanoseconds?
            .dividedRoundingUp(
                by: 1_000_000_000)
        var (policies, limits): ([String], [String]) = ([], [])
        for status in decision.limits {
            guard let quantity = status.limit, let available = status.available else { continue }
            let name = Self.quoted(status.id)
            let window = Self.seconds(of: status.window).map { ";w=\($0)" } ?? ""
            policies.append("\(name);q=\(min(quantity, Self.maximumInteger))\(window)")
            var seconds = status.resetAt.map {
                max(0, $0.nanoseconds(since: decision.asOf)).dividedRoundingUp(by: 1_000_000_000)
            }
            // A rate lets the request through before its bucket is full again.
            if status.id == decision.deniedBy?.limitID, retryAfter != nil { seconds = retryAfter }
            let reset = seconds.map { ";t=\($0)" } ?? ""
            limits.append("\(name);r=\(min(available, Self.maximumInteger))\(reset)")
        }
        policy = policies.isEmpty ? nil : policies.joined(separator: ", ")
        limit = limits.isEmpty ? nil : limits.joined(separator: ", ")
        retryAfterSeconds = retryAfter
    }

    /// The nominal length of a window: months and years vary.
    private static func seconds(of window: Window) -> Int64? {
        switch window {
        case .second: 1
        case .minute: 60
        case .hour: 3_600
        case .day: 86_400
        case .week: 604_800
        case .month: 2_592_000
        case .year: 31_536_000
        case .lifetime, .none: nil
        }
    }

    /// A Structured-Field string, which is ASCII: other bytes are percent-encoded.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): quoted += "\\\""
            case UInt8(ascii: "\\"): quoted += "\\\\"
            case 0x20...0x7E: quoted.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                quoted += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
        return quoted + "\""
    }
}
