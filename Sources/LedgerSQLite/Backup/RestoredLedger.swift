package import QuotaLedger

/// What a restore came to.
package struct RestoredLedger: Sendable {
    /// The verification of what was restored; nothing differs.
    package let verification: LedgerVerification
    /// The generation that the ledger will be of once a server opens it.
    package let generation: Int64
    /// Where the ledger is kept that was there before; nil where there was none.
    package let keptPath: String?
    /// Whether it has keys that no secret in the folder verifies.
    package let needsPepper: Bool
    /// Whether a journal of the ledger that was there before lies beside.
    package let hasJournal: Bool
}
