import Foundation
import GRDB
import QuotaLedger

/// Makes the copy of a ledger's database.
///
/// `VACUUM INTO` on a connection of its own that may only read: it takes a read transaction of the
/// live database, and writes nothing but the new file. So the one connection that writes goes on
/// meanwhile; only the log can't start anew until the copy is made, and grows. What is made has no
/// log, and is complete alone.
enum BackupMaker {
    /// The name of a copy that is being made, within the data folder.
    static let name = "backup.partial"

    /// Copies the database, marks the copy, and answers the ends of its chains.
    static func copy(_ database: String, to path: String) throws(LedgerError) -> LedgerHead {
        removeLeftovers(at: path)
        do {
            // SQLite takes an empty file, and would make one that others may read.
            let isMade = FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            guard isMade else {
                throw LedgerError(.backupFailed, "\(path) can't be written to")
            }
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let source = try DatabaseQueue(path: database, configuration: configuration)
            try source.writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [path])
            }
            try source.close()
            return try mark(path)
        } catch {
            removeLeftovers(at: path)
            throw failure(error)
        }
    }

    /// Marks a copy, unless it is marked; answers the ends of its chains.
    static func mark(_ path: String) throws -> LedgerHead {
        var configuration = Configuration()
        // Nobody else knows the file, and a failure is the end of it: no journal beside it.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA journal_mode = MEMORY") }
        let copy = try DatabaseQueue(path: path, configuration: configuration)
        let head = try copy.write { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT revision, batch, hash, audit, audit_hash FROM head")
            guard let row else {
                throw LedgerError(.backupFailed, "the ledger has no head: run weir verify")
            }
            let (hash, auditHash): (Data, Data) = (row["hash"], row["audit_hash"])
            let head = LedgerHead(
                revision: row["revision"], batch: row["batch"], hash: Array(hash),
                audit: row["audit"], auditHash: Array(auditHash))
            try database.execute(
                sql: "INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)",
                arguments: [LedgerGeneration.mark, String(head.batch)])
            return head
        }
        try copy.close()
        return head
    }

    /// Removes a copy, whole or not.
    static func removeLeftovers(at path: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
    }

    private static func failure(_ error: any Error) -> LedgerError {
        if let error = error as? LedgerError { return error }
        if (error as? DatabaseError)?.resultCode.primaryResultCode == .SQLITE_FULL {
            return LedgerError(
                .diskFull,
                "the disk has no room for a copy of the ledger; the ledger itself goes on")
        }
        let why = (error as? DatabaseError)?.message ?? "\(error)"
        return LedgerError(.backupFailed, "no copy of the ledger could be made: \(why)")
    }
}
