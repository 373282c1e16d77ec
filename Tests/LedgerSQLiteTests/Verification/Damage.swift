import GRDB
import LedgerSQLite
import QuotaLedger

/// Writes to a closed ledger past its triggers, as somebody with an editor of databases would.
enum Damage {
    static func write(
        _ store: SQLiteStore,
        _ body: @Sendable (Database) throws -> Void
    ) async throws {
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        try await database.write { database in
            let triggers = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger)") }
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try body(database)
        }
        try database.close()
    }

    static func run(_ store: SQLiteStore, _ statements: [String]) async throws {
        try await write(store) { database in
            for statement in statements {
                try database.execute(sql: statement)
                guard database.changesCount > 0 else { throw NothingWasDamaged(sql: statement) }
            }
        }
    }

    struct NothingWasDamaged: Error {
        let sql: String
    }
}

extension SQLiteStore {
    /// What a verification finds.
    func verification(expecting hashes: [[UInt8]] = []) throws -> LedgerVerification {
        try LedgerVerifier.verify(folder: folder.path, expecting: hashes)
    }

    /// The checks that find a difference.
    func findings(expecting hashes: [[UInt8]] = []) throws -> [LedgerCheckResult.Name] {
        try verification(expecting: hashes).checks.filter { !$0.isFine }.map(\.name)
    }
}
