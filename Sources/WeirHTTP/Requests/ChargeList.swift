import QuotaModel

/// One charge or more.
///
/// Nearly all requests have one or two, for which no memory is taken.
struct ChargeList {
    private(set) var first: Charge
    private(set) var second: Charge?
    /// What follows the second one.
    private(set) var rest: [Charge] = []

    /// A list of one.
    init(_ charge: Charge) { first = charge }

    /// A list of all; nil when there are none.
    init?(_ charges: [Charge]) {
        guard let first = charges.first else { return nil }
        self.first = first
        for charge in charges.dropFirst() { append(charge) }
    }

    /// How many there are.
    var count: Int { (second == nil ? 1 : 2) + rest.count }

    /// All of them.
    var all: [Charge] { [first] + (second.map { [$0] } ?? []) + rest }

    mutating func append(_ charge: Charge) {
        if second == nil { second = charge } else { rest.append(charge) }
    }
}
