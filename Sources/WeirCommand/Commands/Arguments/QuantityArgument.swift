import ArgumentParser
import StrictJSON

/// `250000`, or `unlimited`.
struct QuantityArgument: ExpressibleByArgument, Equatable {
    /// Nil is unlimited.
    var quantity: Int64?

    init?(argument: String) {
        guard argument != "unlimited" else { return }
        guard let quantity = Units.parse(argument) else { return nil }
        self.quantity = quantity
    }

    /// As it stands in a body.
    var json: JSONValue { quantity.map { .number(JSONNumber($0)) } ?? .null }
}
