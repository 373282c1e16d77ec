import QuotaModel
import StrictJSON

/// What the `RateLimit` headers say of one limit; see ``RateLimitFields``.
struct RateLimitTemplate: Sendable {
    /// For example `"tenant:api_calls/month";q=1000;w=2592000`.
    let policy: [UInt8]
    /// For example `"tenant:api_calls/month";r=`.
    private let beginning: [UInt8]

    /// The largest integer of a Structured Field.
    private static let maximumInteger: Int64 = 999_999_999_999_999

    /// The headers of a limit; nil when it has no bound.
    init?(_ status: LimitStatus) {
        guard let limit = status.limit else { return nil }
        let name = Self.quoted(status.id)
        var policy = name
        policy.append(ascii: ";q=")
        policy.append(decimal: min(limit, Self.maximumInteger))
        if let seconds = Self.seconds(of: status.window) {
            policy.append(ascii: ";w=")
            policy.append(decimal: seconds)
        }
        self.policy = policy
        beginning = name + Array(";r=".utf8)
    }

    /// Writes the item of the `RateLimit` header, for example
    /// `"tenant:api_calls/month";r=999;t=864000`.
    ///
    /// - Parameters:
    ///   - available: units that can be taken at once.
    ///   - reset: seconds until there are more; nil for never.
    ///   - field: the header's value so far.
    func write(available: Int64, reset: Int64?, to field: inout [UInt8]) {
        field.append(contentsOf: beginning)
        field.append(decimal: min(available, Self.maximumInteger))
        if let reset {
            field.append(ascii: ";t=")
            field.append(decimal: reset)
        }
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
        case .lifetime, .none, .concurrent: nil
        }
    }

    /// A Structured-Field string, which is ASCII: other bytes are percent-encoded.
    private static func quoted(_ text: String) -> [UInt8] {
        var quoted = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case 0x20...0x7E: quoted.append(byte)
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                quoted += "%".utf8
                quoted += (digits.utf8.count < 2 ? "0" + digits : digits).utf8
            }
        }
        return quoted + [UInt8(ascii: "\"")]
    }
}
