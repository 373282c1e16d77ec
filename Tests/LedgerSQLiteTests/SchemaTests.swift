import Foundation
import GRDB
import LedgerSQL
@testable import LedgerSQLite
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("The ledger's schema")
struct SchemaTests {
    /// A closed ledger with some use in it.
    private func usedStore() async throws -> SQLiteStore {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 100)
        _ = try await user.consume(7)
        try await store.ledger.close()
        return store
    }

    @Test("every table is strict")
    func tablesAreStrict() async throws {
        let store = try await usedStore()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        let loose = try await database.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM pragma_table_list
                    WHERE schema = 'main' AND type = 'table' AND strict = 0
                        AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                    """)
        }
        #expect(loose.isEmpty)
        let count = try await database.read { database in
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM pragma_table_list WHERE strict = 1") ?? 0
        }
        #expect(count > 10)
    }

    @Test(
        "a correction is found by its id, not among all of its tenant's",
        arguments: [
            ("\(SQLReader.correction)", "tenant=? AND id=?"),
            ("\(SQLReader.correctionOfMeter)", "tenant=? AND id=? AND meter=?"),
        ])
    func correctionsAreIndexed(_ statement: String, _ place: String) async throws {
        let store = try await usedStore()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        let plan = try await database.read { database in
            let arguments = StatementArguments(
                Array(repeating: "a", count: statement.count { $0 == "?" }))
            return
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + statement, arguments: arguments
                )
                .map { $0["detail"] as String }
        }
        #expect(plan == ["SEARCH events USING INDEX events_of_corrections (\(place))"])
    }

    @Test(
        "what is asked again and again reads no more than it answers, however many tenants there are",
        arguments: [
            (
                "\(SQLReader.dueAccountChanges)",
                "accounts USING COVERING INDEX accounts_by_expiry (next_expiry_ns<?)"
            ),
            (
                "\(SQLReader.endedAccount)",
                "accounts USING COVERING INDEX accounts_by_end "
                    + "((period_end_ns,tenant,limit_name,period_start_ns)>(?,?,?,?) "
                    + "AND period_end_ns<?)"
            ),
            (
                "\(OverrideQueries.ofTenant)",
                "overrides USING PRIMARY KEY "
                    + "((tenant,meter,window,starts_at_ns)>(?,?,?,?) AND tenant<?)"
            ),
        ])
    func searchesAreBounded(_ statement: String, _ search: String) async throws {
        let store = try await usedStore()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        let plan = try await database.read { database in
            let arguments = StatementArguments(
                Array(repeating: 1, count: statement.count { $0 == "?" }))
            return
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + statement, arguments: arguments
                )
                .map { $0["detail"] as String }
        }
        #expect(plan == ["SEARCH \(search)"])
    }

    @Test(
        "the log of entries is only appended",
        arguments: [
            "UPDATE entries SET posted = posted + 1", "DELETE FROM entries",
            "DELETE FROM entries WHERE batch = 1", "UPDATE entry_batches SET hash = zeroblob(32)",
            "DELETE FROM entry_batches",
        ])
    func logIsAppended(_ change: String) async throws {
        let store = try await usedStore()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        await #expect(throws: DatabaseError.self) {
            try await database.write { try $0.execute(sql: change) }
        }
    }

    @Test(
        "balances that do not add up are refused by the table itself",
        arguments: ["capacity", "available", "escrowed", "suspect", "posted"])
    func conservationIsChecked(_ balance: String) async throws {
        let store = try await usedStore()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        await #expect(throws: DatabaseError.self) {
            try await database.write { database in
                try database.execute(sql: "UPDATE accounts SET \(balance) = \(balance) + 1")
            }
        }
    }

    @Test("the database is in write-ahead mode and sound")
    func isSound() async throws {
        let store = try await usedStore()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        let (mode, check) = try await database.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try String.fetchAll(database, sql: "PRAGMA integrity_check")
            )
        }
        #expect(mode == "wal")
        #expect(check == ["ok"])
    }

    @Test("data of a newer version is refused and not touched")
    func newerVersion() async throws {
        let store = try await usedStore()
        let path = store.dataFolder.databasePath
        try await DatabaseQueue(path: path)
            .write { database in
                try database.execute(
                    sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 of the future')")
            }
        let error = #expect(throws: LedgerError.self) {
            _ = try LedgerSQLite(folder: store.dataFolder, clock: store.clock.read)
        }
        #expect(error?.code == .newerSchema)
        try await DatabaseQueue(path: path)
            .write { database in
                try database.execute(
                    sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '999%'")
            }
        let ledger = try LedgerSQLite(folder: store.dataFolder, clock: store.clock.read)
        #expect(try await ledger.accounts(of: User.tenant).map(\.account.posted) == [7])
    }

    @Test("what is no database is refused")
    func noDatabase() throws {
        let temporary = try TemporaryFolder()
        let folder = try DataFolder(path: temporary.path)
        let text = String(repeating: "this is not a database\n", count: 500)
        try Data(text.utf8).write(to: URL(filePath: folder.databasePath))
        let error = #expect(throws: LedgerError.self) {
            _ = try LedgerSQLite(folder: folder, clock: ManualClock().read)
        }
        #expect(error?.code == .unusableFolder)
        let kept = try Data(contentsOf: URL(filePath: folder.databasePath))
        #expect(kept == Data(text.utf8))
    }
}
