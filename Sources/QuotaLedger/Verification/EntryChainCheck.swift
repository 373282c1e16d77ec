import QuotaModel

/// Checks that batches of entries follow each other without a gap and that their hashes are right.
///
/// Takes the batches in order. It is a value: a check that pauses keeps it and goes on with the
/// next number, since what was appended never changes.
package struct EntryChainCheck: Sendable {
    /// What was found so far.
    package private(set) var result = LedgerCheckResult(.chain, "batches", "entries")
    /// The number of the last batch that was taken.
    package private(set) var number: Int64 = 0
    private var hash = [UInt8].genesis

    /// A check that has seen nothing.
    package init() {}

    /// Takes the next batch, with the hash that is stored; `positions` are those of its entries.
    package mutating func take(_ batch: EntryBatch, positions: [Int64]) {
        result.count(0)
        for _ in batch.entries { result.count(1) }
        let place = "entry_batches: number \(batch.number)"
        if batch.number != number + 1 {
            result.add(
                place, found: "number \(batch.number) after \(number)",
                expected: "number \(number + 1)")
        } else if let index = positions.indices.first(where: { positions[$0] != Int64($0) }) {
            result.add(
                "entries: batch \(batch.number)", found: "position \(positions[index])",
                expected: "position \(index)")
        } else {
            let expected = EntryBatch.hash(
                previous: hash, number: batch.number, committedAt: batch.committedAt,
                entries: batch.entries)
            if batch.hash != expected {
                result.add(place, found: batch.hash.hexadecimal, expected: expected.hexadecimal)
            }
        }
        // What follows is judged by what is stored, so that one change is one difference.
        number = batch.number
        hash = batch.hash
    }

    /// Takes an entry whose batch is missing.
    package mutating func takeOrphan(batch: Int64, position: Int64) {
        result.count(1)
        result.add(
            "entries: batch \(batch), position \(position)", found: "no row of entry_batches",
            expected: "entry_batches: number \(batch)")
    }

    /// Compares the end with the ledger's head.
    package mutating func finish(_ head: LedgerHead?) {
        result.compare(
            head.map { ($0.batch, $0.hash) }, with: (number, hash),
            names: (last: "entry_batches: the last one", hash: "head: hash", what: "batch"))
    }
}
