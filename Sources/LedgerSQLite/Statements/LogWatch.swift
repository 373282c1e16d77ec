import GRDB
import GRDBSQLite
import Synchronization

/// How many pages of the log are not in their places yet.
///
/// Takes the checkpoints over from SQLite, which does not tell when one of its own fails.
final class LogWatch: Sendable {
    private let count = Atomic(0)

    var pages: Int { count.load(ordering: .relaxed) }

    /// Watches the connection that writes, which must not outlive this.
    func watch(_ database: Database) {
        sqlite3_wal_hook(
            database.sqliteConnection,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<LogWatch>.fromOpaque(context).takeUnretainedValue()
                    .count.store(Int(pages), ordering: .relaxed)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
