/// A place where the ledger is not as its own log says.
package struct LedgerDifference: Hashable, Sendable {
    /// Which row.
    package let place: String
    /// What is there.
    package let found: String
    /// What was expected.
    package let expected: String

    /// Creates a difference.
    package init(_ place: String, found: String, expected: String) {
        self.place = place
        self.found = found
        self.expected = expected
    }
}
