/// What one check of the ledger looked at, and what it found.
package struct LedgerCheckResult: Hashable, Sendable {
    /// Which check.
    package enum Name: String, Hashable, Sendable, CaseIterable {
        /// The batches of entries follow each other, and their hashes are right.
        case chain
        /// The entries add up to the balances.
        case fold
        /// The balances of each account add up to its capacity.
        case conservation
        /// What accounts hold is what their grants hold.
        case grants
        /// Hours add up to days, and days are counted.
        case totals
        /// Events add up to hours.
        case events
        /// The administrators' changes follow each other, and their hashes are right.
        case audit
        /// Hashes that were noted before are still part of a chain.
        case expected
    }

    /// How many of something were looked at.
    package struct Count: Hashable, Sendable {
        /// Of what, in the plural.
        package let noun: String
        /// How many.
        package var number: Int

        /// Creates a count.
        package init(_ noun: String, _ number: Int = 0) {
            self.noun = noun
            self.number = number
        }
    }

    /// Which check it was.
    package let name: Name
    /// What was looked at.
    package private(set) var counts: [Count]
    /// How many differences there are.
    package private(set) var differences = 0
    /// The first of them, at most ``maximumListed``.
    package private(set) var listed: [LedgerDifference] = []

    /// The most differences that are kept; all are counted.
    package static let maximumListed = 100

    /// A check that has looked at nothing yet.
    package init(_ name: Name, _ nouns: String...) {
        self.name = name
        counts = nouns.map { Count($0) }
    }

    /// The first difference.
    package var first: LedgerDifference? { listed.first }

    /// Whether nothing differs.
    package var isFine: Bool { differences == 0 }

    /// Counts one more of the nouns.
    mutating func count(_ noun: Int = 0) {
        counts[noun].number += 1
    }

    /// Counts a difference, and keeps it when it is among the first.
    mutating func add(
        _ place: @autoclosure () -> String,
        found: @autoclosure () -> String,
        expected: @autoclosure () -> String
    ) {
        differences += 1
        if listed.count < Self.maximumListed {
            listed.append(LedgerDifference(place(), found: found(), expected: expected()))
        }
    }
}

extension LedgerCheckResult {
    /// Compares the end of a chain with what the ledger's head says of it.
    mutating func compare(
        _ head: (number: Int64, hash: [UInt8])?,
        with end: (number: Int64, hash: [UInt8]),
        names: (last: String, hash: String, what: String)
    ) {
        guard let head else { return add("head", found: "no row", expected: "one row") }
        if head.number != end.number {
            add(
                names.last, found: "number \(end.number)",
                expected: "number \(head.number), as head says")
        } else if head.hash != end.hash {
            add(
                names.hash, found: head.hash.hexadecimal,
                expected: "\(end.hash.hexadecimal), that of \(names.what) \(end.number)")
        }
    }
}
