import GRDB
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("The self-check")
struct SelfCheckTests {
    /// Runs to the end; answers what was found, and in how many slices.
    private func run(_ check: inout LedgerSelfCheck) throws -> (LedgerVerification, Int) {
        for slice in 1...100_000 {
            if let found = try check.slice() { return (found, slice) }
        }
        throw EndlessRun()
    }

    private struct EndlessRun: Error {}

    private func drift(_ verification: LedgerVerification) -> Int {
        verification.checks.reduce(0) { $0 + $1.differences }
    }

    @Test("finds nothing in a busy ledger, whatever the size of its slices, run after run")
    func fine() async throws {
        let store = try await BusyLedger.open()
        for rows in [1, 2, 3, 7, 2_000] {
            var check = LedgerSelfCheck(folder: store.folder.path, maximumRows: rows)
            for _ in 0..<3 {
                let (found, slices) = try run(&check)
                #expect(found.checks.compactMap(\.first) == [], "\(rows) rows")
                #expect(found.head == (try store.verification().head))
                #expect(rows < 2_000 || slices < 40)
            }
        }
    }

    @Test("finds nothing while the ledger is written to")
    func whileWritten() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 1_000_000)
        try await user.beside {
            var check = LedgerSelfCheck(folder: store.folder.path, maximumRows: 20)
            for _ in 0..<5 {
                let (found, _) = try run(&check)
                #expect(found.checks.compactMap(\.first) == [])
            }
        }
    }

    @Test(
        "finds a change by hand, in a run that began after it",
        arguments: [
            ("UPDATE daily_meter_usage SET units = units + 1 FIRST", "totals", 1),
            ("UPDATE daily_meter_totals SET tenants = tenants + 1 FIRST", "totals", 1),
            ("UPDATE hourly_usage SET units = units + 1 FIRST", "events", 2),
            (
                "UPDATE accounts SET posted = posted + 1, available = available - 1 FIRST",
                "fold", 2
            ),
            ("UPDATE head SET hash = zeroblob(32)", "chain", 1),
            ("UPDATE head SET audit = audit + 1", "audit", 1),
            ("UPDATE entries SET posted = posted + 1 WHERE batch = 2 AND position = 0", "chain", 2),
            ("DELETE FROM accounts FIRST", "fold", 1),
        ])
    func changes(statement: String, name: String, differences: Int) async throws {
        let store = try await BusyLedger.closed()
        try await Damage.write(store) { database in
            try database.execute(sql: try Self.first(statement, database))
        }
        _ = try await store.reopen()
        var check = LedgerSelfCheck(folder: store.folder.path, maximumRows: 5)
        for _ in 0..<2 {
            let (verification, _) = try run(&check)
            #expect(
                verification.checks.contains { $0.name.rawValue == name && !$0.isFine },
                "\(verification.checks.filter { !$0.isFine })")
            #expect(drift(verification) == differences, "\(verification.checks)")
        }
    }

    /// Puts the key of a table's first row in the place of a word.
    private static func first(_ statement: String, _ database: Database) throws -> String {
        let words = statement.split(separator: " ").map(String.init)
        guard words.last == "FIRST" else { return statement }
        let table = words[0] == "UPDATE" ? words[1] : words[2]
        let columns = try database.primaryKey(table).columns
        let list = columns.joined(separator: ", ")
        return words.dropLast().joined(separator: " ")
            + " WHERE (\(list)) IN (SELECT \(list) FROM \(table) LIMIT 1)"
    }

    @Test("of more accounts than it may keep leaves the fold out")
    func tooManyAccounts() async throws {
        let store = try await BusyLedger.open()
        var check = LedgerSelfCheck(folder: store.folder.path, maximumAccounts: 2)
        let (found, _) = try run(&check)
        #expect(!found.checks.contains { $0.name == .fold })
        #expect(found.isFine)
    }

    @Test("tries again after a ledger that can't be read")
    func unreadable() async throws {
        let store = try await BusyLedger.open()
        var check = LedgerSelfCheck(folder: store.folder.path + "/nowhere")
        for _ in 0..<2 {
            #expect(throws: LedgerError.self) { try check.slice() }
        }
    }
}
