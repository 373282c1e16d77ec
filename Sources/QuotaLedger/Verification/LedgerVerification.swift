/// All that was checked of a ledger, as it stood at one moment.
package struct LedgerVerification: Hashable, Sendable {
    /// The checks, in the order in which people read them.
    package let checks: [LedgerCheckResult]
    /// The ledger's head as it is stored; nil when the row is missing.
    package let head: LedgerHead?

    /// Creates a verification.
    package init(checks: [LedgerCheckResult], head: LedgerHead?) {
        self.checks = checks
        self.head = head
    }

    /// Whether nothing differs.
    package var isFine: Bool { checks.allSatisfy(\.isFine) }
}
