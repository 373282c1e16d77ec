import ArgumentParser
import StrictJSON

/// `ai_tokens=812`; 0 is allowed.
struct SettledCharge: ExpressibleByArgument, Equatable {
    var meter: String
    var amount: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let amount = Units.parse(parts[1]) else {
            return nil
        }
        meter = String(parts[0])
        self.amount = amount
    }

    /// As it stands in the body.
    var json: JSONValue {
        ["meter": .string(meter), "amount": .number(JSONNumber(amount))]
    }
}
