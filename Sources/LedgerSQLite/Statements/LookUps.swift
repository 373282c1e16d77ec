import GRDB
import QuotaLedger
import Synchronization

/// A connection that reads a few rows on the thread that asks: handing such a read to another
/// thread, and its answer back, takes longer than the read.
///
/// It serves one at a time, and whoever finds it busy asks the pool: a slow disk holds up one
/// thread at most.
final class LookUps: Sendable {
    private let queue: DatabaseQueue
    private let isBusy = Atomic(false)

    /// Opens the connection to a database that is there.
    init(path: String) throws(LedgerError) {
        var configuration = Configuration()
        configuration.label = "weir.ledger.look-ups"
        configuration.readonly = true
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw LedgerError(error)
        }
    }

    /// Reads on a snapshot that has every command answered so far; nil when the connection is busy
    /// or fails, and the pool has to be asked.
    func read<Value>(_ body: (Database) throws -> Value) -> Value? {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return nil }
        defer { isBusy.store(false, ordering: .releasing) }
        return try? queue.unsafeRead { database in
            // Prepared once, as GRDB's own transactions are not.
            try database.cachedStatement(sql: "BEGIN").execute()
            defer { try? database.cachedStatement(sql: "COMMIT").execute() }
            return try body(database)
        }
    }

    func close() throws { try queue.close() }
}
