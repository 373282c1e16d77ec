import Crypto
package import QuotaModel

extension EntryBatch {
    /// The batch that follows `head`, with its hash computed.
    package init(after head: LedgerHead, committedAt: Timestamp, entries: [Entry]) {
        let number = head.batch + 1
        self.init(
            number: number,
            committedAt: committedAt,
            entries: entries,
            hash: Self.hash(
                previous: head.hash, number: number, committedAt: committedAt, entries: entries))
    }

    /// SHA-256 over the previous hash and the content.
    ///
    /// Integers are 8 bytes, big-endian; texts are preceded by their length, so that no two
    /// contents share bytes.
    package static func hash(
        previous: [UInt8],
        number: Int64,
        committedAt: Timestamp,
        entries: [Entry]
    ) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(previous.count + 24 + entries.count * 112)
        content += previous
        content.append(integer: number)
        content.append(integer: committedAt.nanoseconds)
        content.append(integer: Int64(entries.count))
        for entry in entries {
            content.append(text: entry.account.key.tenant.text)
            content.append(text: entry.account.key.limit.text)
            content.append(integer: entry.account.periodStart.nanoseconds)
            content.append(integer: entry.capacity)
            content.append(integer: entry.available)
            content.append(integer: entry.escrowed)
            content.append(integer: entry.suspect)
            content.append(integer: entry.posted)
        }
        return Array(SHA256.hash(data: content))
    }
}
