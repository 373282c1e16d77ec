import ArgumentParser
import StrictJSON

/// `api_calls/day=100`, or `ai_tokens/month=unlimited`.
struct LimitArgument: ExpressibleByArgument, Equatable {
    var limit: LimitName
    /// Nil is unlimited.
    var quantity: Int64?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let limit = LimitName(argument: String(parts[0])) else {
            return nil
        }
        self.limit = limit
        guard parts[1] != "unlimited" else { return }
        guard let quantity = Units.parse(parts[1]) else { return nil }
        self.quantity = quantity
    }

    /// As it stands in the body of a key or an organization.
    var json: JSONValue {
        [
            "meter": .string(limit.meter), "window": .string(limit.window),
            "limit": quantity.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }
}

/// A limit's meter and window: `ai_tokens/month`.
struct LimitName: ExpressibleByArgument, Equatable {
    var meter: String
    var window: String

    init?(argument: String) {
        guard let slash = argument.lastIndex(of: "/") else { return nil }
        meter = String(argument[..<slash])
        window = String(argument[argument.index(after: slash)...])
        if meter.isEmpty || window.isEmpty { return nil }
    }

    /// `ai_tokens/month`.
    var text: String { "\(meter)/\(window)" }
}
