import Foundation
import GRDB
package import QuotaLedger

/// Checks a ledger against itself, without writing to it: beside a running server, or alone.
///
/// All rows are read in one transaction, so that they belong to one moment, and one after the
/// other: memory grows with the number of accounts, not with entries or events. While it reads, a
/// server's log can't start anew and grows.
package enum LedgerVerifier {
    /// How often a database that changes under the reader is read.
    private static let attempts = 3

    /// What tells whether a database without a log was changed.
    private struct FileState: Equatable {
        let size: UInt64?
        let changedAt: Date?
        let file: UInt64?
        let hasLog: Bool

        init(path: String) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            size = attributes?[.size] as? UInt64
            changedAt = attributes?[.modificationDate] as? Date
            file = attributes?[.systemFileNumber] as? UInt64
            hasLog = FileManager.default.fileExists(atPath: path + "-wal")
        }
    }

    /// Checks the ledger of a data folder.
    ///
    /// - Parameters:
    ///   - folder: the data folder.
    ///   - hashes: hashes of batches or changes that must be there.
    /// - Returns: what was looked at, and what differs.
    /// - Throws: `unusable_folder` when it can't be read, `older_schema` or `newer_schema` when
    ///   another version wrote it.
    package static func verify(
        folder: String,
        expecting hashes: [[UInt8]] = []
    ) throws(LedgerError) -> LedgerVerification {
        let path = folder + "/ledger.sqlite"
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(
                .unusableFolder,
                "there is no ledger in \(folder): name the data folder of the server with --data")
        }
        return try verify(file: path, expecting: hashes)
    }

    /// Checks a ledger in a file: a backup, or the database of a data folder.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - name: how errors name it; nil stands for the path.
    ///   - hashes: hashes of batches or changes that must be there.
    /// - Returns: what was looked at, and what differs.
    /// - Throws: `unusable_folder` when it can't be read, `older_schema` or `newer_schema` when
    ///   another version wrote it.
    package static func verify(
        file path: String,
        named name: String? = nil,
        expecting hashes: [[UInt8]] = []
    ) throws(LedgerError) -> LedgerVerification {
        for _ in 0..<attempts {
            let state = FileState(path: path)
            let result = Result { () throws(LedgerError) in
                try read(path, named: name, hasLog: state.hasLog, expecting: hashes)
            }
            // A server that started meanwhile may have changed what was read without its log.
            if state.hasLog || FileState(path: path) == state { return try result.get() }
        }
        throw LedgerError(
            .unusableFolder,
            "\(name ?? path) was changed while it was read: try again, while a server runs or "
                + "while none is started")
    }

    private static func read(
        _ path: String,
        named name: String?,
        hasLog: Bool,
        expecting hashes: [[UInt8]]
    ) throws(LedgerError) -> LedgerVerification {
        let database = try ReadOnlyDatabase(path: path, named: name, hasLog: hasLog)
        try requireSchema(database)
        var reading = LedgerReading(database, expecting: hashes)
        return try reading.verification()
    }

    private static func requireSchema(_ database: ReadOnlyDatabase) throws(LedgerError) {
        let tables = try database.rows(
            "SELECT 1 FROM sqlite_master WHERE name IN ('grdb_migrations', 'head')")
        var count = 0
        while try tables.next() { count += 1 }
        guard count == 2 else {
            throw LedgerError(
                .unusableFolder,
                "\(database.path) is no ledger of Weir: name the server's data folder with --data")
        }
        let known = Migrations.migrator.migrations
        var missing = known
        let rows = try database.rows("SELECT identifier FROM grdb_migrations")
        while try rows.next() {
            let identifier = rows.text(0)
            guard known.contains(identifier) else {
                throw LedgerError(
                    .newerSchema,
                    "\(database.path) was written by a newer Weir: verify it with that version")
            }
            missing.removeAll { $0 == identifier }
        }
        guard let first = missing.first else { return }
        throw LedgerError(
            .olderSchema,
            "\(database.path) was written by an older Weir and lacks \"\(first)\": start this "
                + "version's server on it once, which brings it up to date, and verify it then")
    }
}
