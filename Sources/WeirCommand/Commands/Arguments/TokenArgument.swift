import ArgumentParser

/// A count of tokens, from 1: `1_200`.
struct TokenArgument: ExpressibleByArgument, Equatable {
    var units: Int64

    /// One token.
    static let one = TokenArgument(units: 1)

    private init(units: Int64) {
        self.units = units
    }

    init?(argument: String) {
        guard let units = Units.parse(argument), units > 0 else { return nil }
        self.units = units
    }

    var defaultValueDescription: String { String(units) }
}
