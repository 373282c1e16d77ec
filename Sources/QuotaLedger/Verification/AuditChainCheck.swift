import QuotaModel

/// Checks that administrators' changes follow each other without a gap, that their hashes are
/// right, and that each names a batch of entries as it is now.
///
/// Takes the changes in order; it is a value, like ``EntryChainCheck``.
package struct AuditChainCheck: Sendable {
    /// What was found so far.
    package private(set) var result = LedgerCheckResult(.audit, "changes")
    /// The number of the last change that was taken.
    package private(set) var number: Int64 = 0
    private var batch: Int64 = 0
    private var hash = [UInt8].genesis

    /// A check that has seen nothing.
    package init() {}

    /// Takes the next change; `batchHash` is stored with the batch that it names, nil when there is
    /// no such batch.
    package mutating func take(_ link: AuditLink, batchHash: [UInt8]?) {
        result.count()
        let place = "audit: number \(link.entry.number)"
        if link.entry.number != number + 1 {
            result.add(
                place, found: "number \(link.entry.number) after \(number)",
                expected: "number \(number + 1)")
        } else if link.batch < batch {
            result.add(
                place, found: "batch \(link.batch)",
                expected: "batch \(batch) or later, as of the change before")
        } else {
            let known = link.batch == 0 ? .genesis : batchHash
            compare(link, known, at: place)
        }
        number = link.entry.number
        batch = link.batch
        hash = link.hash
    }

    private mutating func compare(_ link: AuditLink, _ batchHash: [UInt8]?, at place: String) {
        guard let batchHash else {
            return result.add(
                place, found: "no row of entry_batches with number \(link.batch)",
                expected: "the batch that was the last when the change was made")
        }
        let expected = AuditLink.hash(
            previous: hash, entry: link.entry, batch: link.batch, batchHash: batchHash)
        if link.hash != expected {
            result.add(
                place, found: link.hash.hexadecimal,
                expected: "\(expected.hexadecimal), over the change before, this one and batch "
                    + "\(link.batch) as they are now")
        }
    }

    /// Compares the end with the ledger's head.
    package mutating func finish(_ head: LedgerHead?) {
        result.compare(
            head.map { ($0.audit, $0.auditHash) }, with: (number, hash),
            names: (last: "audit: the last change", hash: "head: audit_hash", what: "change"))
    }
}
