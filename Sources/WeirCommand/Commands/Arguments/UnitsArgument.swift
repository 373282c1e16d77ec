import ArgumentParser

/// `500000`: units, from 1.
struct UnitsArgument: ExpressibleByArgument, Equatable {
    var count: Int64

    init?(argument: String) {
        guard let count = Units.parse(argument), count > 0 else { return nil }
        self.count = count
    }
}
