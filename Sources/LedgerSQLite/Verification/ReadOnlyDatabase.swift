import Foundation
import GRDBSQLite
import QuotaLedger

/// A connection that reads one moment of a ledger's database and never writes to it.
///
/// With a log beside it, be it of a running server or left by one that was killed, the database is
/// read as any other connection of this machine would read it, only that SQLite is not allowed to
/// write: the log is read where it lies, and no checkpoint moves it. What SQLite creates or changes
/// is `-shm`, the index of the log that all connections share; without one it could neither find
/// the newest pages nor keep a writer from starting the log anew under a reader.
///
/// Without a log SQLite would create an empty one. So the file is read as one that nobody changes,
/// and whoever reads has to look afterwards whether that was so: see ``LedgerVerifier``.
final class ReadOnlyDatabase {
    /// The path, or how errors name it.
    let path: String
    let connection: OpaquePointer

    /// Opens a database and begins to read.
    init(path: String, named name: String? = nil, hasLog: Bool) throws(LedgerError) {
        self.path = name ?? path
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(Self.address(of: path, hasLog: hasLog), &opened, flags, nil)
        guard let opened else {
            throw LedgerError(.unusableFolder, "\(path) can't be opened: no memory")
        }
        connection = opened
        guard code == SQLITE_OK else { throw error() }
        sqlite3_extended_result_codes(connection, 1)
        sqlite3_busy_timeout(connection, 5_000)
        // Both are settings of this connection; the moment begins with the first read.
        try run("PRAGMA cache_size = -32768")
        try run("BEGIN")
    }

    deinit {
        sqlite3_close_v2(connection)
    }

    private static func address(of path: String, hasLog: Bool) -> String {
        let whole = URL(fileURLWithPath: path).standardizedFileURL.path
        let safe = CharacterSet(charactersIn: "/._-~").union(.alphanumerics)
        let name = whole.addingPercentEncoding(withAllowedCharacters: safe) ?? whole
        return "file:\(name)?" + (hasLog ? "mode=ro" : "mode=ro&immutable=1")
    }

    /// The rows of a query, whose parameters are bound in order.
    func rows(
        _ text: String,
        _ values: RowCursor.Value...
    ) throws(LedgerError) -> RowCursor { try RowCursor(text, values, self) }

    private func run(_ text: String) throws(LedgerError) {
        guard sqlite3_exec(connection, text, nil, nil, nil) == SQLITE_OK else { throw error() }
    }

    /// What the last call failed with, and what to do about it.
    func error() -> LedgerError {
        let code = sqlite3_extended_errcode(connection)
        let message = String(cString: sqlite3_errmsg(connection))
        let advice =
            switch code & 0xFF {
            case SQLITE_CORRUPT, SQLITE_NOTADB:
                "the file is damaged: keep a copy of it and restore a backup"
            case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
                "reading a ledger that has a log needs to write its -shm file: run as the "
                    + "server's user, or copy ledger.sqlite and ledger.sqlite-wal to a folder of "
                    + "your own while no server runs"
            case SQLITE_FULL:
                "sorting needs room in the temporary folder: set SQLITE_TMPDIR to one that has it"
            case SQLITE_BUSY: "another program holds the database: try again"
            default: "try again, and look at the disk"
            }
        return LedgerError(
            .unusableFolder, "\(path) can't be read: \(message) (SQLite code \(code)); \(advice)")
    }
}
