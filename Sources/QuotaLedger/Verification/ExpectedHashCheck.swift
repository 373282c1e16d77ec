/// Checks that hashes that were noted outside of the ledger are still part of one of its chains.
///
/// Only this finds a chain that was cut or computed anew as a whole, with its head.
package struct ExpectedHashCheck: Sendable {
    /// What was found so far.
    package private(set) var result = LedgerCheckResult(.expected, "hashes")
    private let hashes: [[UInt8]]
    private var missing: Set<[UInt8]>

    /// A check of hashes in the order in which they were named.
    package init(_ hashes: [[UInt8]]) {
        self.hashes = hashes
        missing = Set(hashes)
    }

    /// Takes the stored hash of a batch or of a change.
    package mutating func take(_ hash: [UInt8]) {
        if !missing.isEmpty { missing.remove(hash) }
    }

    /// Names those that were not seen.
    package mutating func finish() {
        for hash in hashes {
            result.count()
            if missing.contains(hash) {
                result.add(
                    hash.hexadecimal, found: "no batch of entries and no change with this hash",
                    expected: "the head that was noted, or a row behind it")
            }
        }
    }
}
