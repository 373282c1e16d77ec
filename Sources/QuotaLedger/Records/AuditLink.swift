/// An administrator's change as the ledger keeps it, chained to the one before.
///
/// It names the last batch of entries besides: to rewrite that batch and all after it without a
/// trace, the links from here on have to be rewritten as well.
package struct AuditLink: Hashable, Sendable {
    /// The change.
    package let entry: AuditEntry
    /// The number of the last batch of entries when this was chained; 0 before the first.
    package let batch: Int64
    /// SHA-256 over the hash of the link before, this one's content and the hash of that batch.
    package let hash: [UInt8]

    /// Creates a link.
    package init(entry: AuditEntry, batch: Int64, hash: [UInt8]) {
        self.entry = entry
        self.batch = batch
        self.hash = hash
    }
}
