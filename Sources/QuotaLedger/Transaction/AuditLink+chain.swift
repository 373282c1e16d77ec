import Crypto
package import QuotaModel

extension AuditLink {
    /// The link that follows `head`, with its hash computed.
    package init(after head: LedgerHead, at instant: Timestamp, note: AuditNote) {
        let entry = AuditEntry(number: head.audit + 1, at: instant, note: note)
        self.init(
            entry: entry, batch: head.batch,
            hash: Self.hash(
                previous: head.auditHash, entry: entry, batch: head.batch, batchHash: head.hash))
    }

    /// SHA-256 over the previous hash, the entry, and where the log of entries stood.
    ///
    /// Integers are 8 bytes, big-endian; texts are preceded by their length, which is −1 for a text
    /// that is missing.
    package static func hash(
        previous: [UInt8],
        entry: AuditEntry,
        batch: Int64,
        batchHash: [UInt8]
    ) -> [UInt8] {
        var content = previous
        content.append(integer: entry.number)
        content.append(integer: entry.at.nanoseconds)
        content.append(integer: batch)
        content += batchHash
        content.append(text: entry.note.actor)
        content.append(text: entry.note.action)
        content.append(text: entry.note.subject)
        content.append(optional: entry.note.tenant?.text)
        content.append(optional: entry.note.reason)
        content.append(optional: entry.note.details)
        return Array(SHA256.hash(data: content))
    }
}
