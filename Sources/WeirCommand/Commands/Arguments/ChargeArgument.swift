import ArgumentParser
import StrictJSON

/// `ai_tokens=1200`, or `api_calls` for one unit.
struct ChargeArgument: ExpressibleByArgument, Equatable {
    var meter: String
    var amount: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        meter = String(parts[0])
        guard !meter.isEmpty else { return nil }
        guard parts.count == 2 else {
            amount = 1
            return
        }
        guard let value = Units.parse(parts[1]), value > 0 else { return nil }
        amount = value
    }

    /// As it stands in the body of a decision.
    var json: JSONValue {
        ["meter": .string(meter), "amount": .number(JSONNumber(amount))]
    }
}

/// Counts of units on the command line.
enum Units {
    /// The largest count, 2^53−1.
    static let maximum: Int64 = 9_007_199_254_740_991

    /// A count from 0 to 2^53−1; underscores between digits are passed over: `1_000_000`.
    static func parse(_ text: some StringProtocol) -> Int64? {
        var value: Int64 = 0
        var last: UInt8 = UInt8(ascii: "_")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
                guard value <= maximum else { return nil }
            case UInt8(ascii: "_") where last != UInt8(ascii: "_"): break
            default: return nil
            }
            last = byte
        }
        return last == UInt8(ascii: "_") ? nil : value
    }
}
