import Foundation
import GRDB
import LedgerSQLite
import QuotaLedger
import QuotaModel
import Testing

@Suite("A log that was computed anew")
struct RehashTests {
    /// Computes the hashes of all batches anew, and the head.
    private static func rehashEntries(_ database: Database) throws {
        var head = LedgerHead()
        let batches = try Row.fetchAll(
            database, sql: "SELECT number, committed_at_ns FROM entry_batches ORDER BY number")
        for row in batches {
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM entries WHERE batch = ? ORDER BY position",
                arguments: [row["number"]])
            let entries = rows.map { row in
                Entry(
                    account: AccountID(
                        key: AccountKey(
                            tenant: TenantID(trusted: row["tenant"]), limit: row["limit_name"]),
                        periodStart: Timestamp(nanoseconds: row["period_start_ns"])),
                    capacity: row["capacity"], available: row["available"],
                    escrowed: row["escrowed"], suspect: row["suspect"], posted: row["posted"])
            }
            let instant = Timestamp(nanoseconds: row["committed_at_ns"])
            let batch = EntryBatch(after: head, committedAt: instant, entries: entries)
            head = LedgerHead(batch: batch.number, hash: batch.hash)
            try database.execute(
                sql: "UPDATE entry_batches SET hash = ? WHERE number = ?",
                arguments: [Data(batch.hash), batch.number])
        }
        try database.execute(
            sql: "UPDATE head SET batch = ?, hash = ?", arguments: [head.batch, Data(head.hash)])
    }

    /// Computes the hashes of all changes anew, and the head.
    private static func rehashAudit(_ database: Database) throws {
        var head = LedgerHead()
        for row in try Row.fetchAll(database, sql: "SELECT * FROM audit ORDER BY number") {
            let hash = try Data.fetchOne(
                database, sql: "SELECT hash FROM entry_batches WHERE number = ?",
                arguments: [row["batch"]])
            head.batch = row["batch"]
            head.hash = hash.map(Array.init) ?? [UInt8](repeating: 0, count: 32)
            let tenant: String? = row["tenant"]
            let link = AuditLink(
                after: head, at: Timestamp(nanoseconds: row["at_ns"]),
                note: AuditNote(
                    actor: row["actor"], action: row["action"], subject: row["subject"],
                    tenant: tenant.map(TenantID.init(trusted:)), reason: row["reason"],
                    details: row["details"]))
            head.audit = link.entry.number
            head.auditHash = link.hash
            try database.execute(
                sql: "UPDATE audit SET hash = ? WHERE number = ?",
                arguments: [Data(link.hash), link.entry.number])
        }
        try database.execute(
            sql: "UPDATE head SET audit = ?, audit_hash = ?",
            arguments: [head.audit, Data(head.auditHash)])
    }

    private static let entry = """
        UPDATE entries SET posted = posted + 1, available = available - 1
        WHERE batch = 9 AND position = 0
        """
    private static let change = "UPDATE audit SET reason = 'another' WHERE number = 5"

    @Test("computing it again as it was changes nothing")
    func sameAgain() async throws {
        let store = try await BusyLedger.closed()
        let before = try store.verification()
        try await Damage.write(store) { database in
            try Self.rehashEntries(database)
            try Self.rehashAudit(database)
        }
        #expect(try store.verification() == before)
    }

    @Test("is found by the balances and by the changes that name its batches")
    func entries() async throws {
        let store = try await BusyLedger.closed()
        try await Damage.write(store) { database in
            try database.execute(sql: Self.entry)
            try Self.rehashEntries(database)
        }
        #expect(try store.findings() == [.fold, .audit])
    }

    @Test("with its balances and all that hangs on it is found by the head that was noted")
    func everything() async throws {
        let store = try await BusyLedger.closed()
        let noted = try #require(try store.verification().head)
        try await Damage.write(store) { database in
            try database.execute(sql: Self.entry)
            // And the account that the entry is of.
            for table in ["accounts", "archives"] {
                try database.execute(
                    sql: """
                        UPDATE \(table) SET posted = posted + 1, available = available - 1
                        WHERE (tenant, limit_name, period_start_ns) IN (
                            SELECT tenant, limit_name, period_start_ns FROM entries
                            WHERE batch = 9 AND position = 0)
                        """)
            }
            try Self.rehashEntries(database)
            try Self.rehashAudit(database)
        }
        #expect(try store.findings() == [], "nothing in the folder can tell")
        #expect(try store.findings(expecting: [noted.hash]) == [.expected])
    }

    @Test("of changes is found by the head that was noted, and by nothing else")
    func changes() async throws {
        let store = try await BusyLedger.closed()
        let noted = try #require(try store.verification().head)
        try await Damage.write(store) { database in
            try database.execute(sql: Self.change)
            try Self.rehashAudit(database)
        }
        #expect(try store.findings() == [])
        #expect(try store.findings(expecting: [noted.hash]) == [])
        let expected = try store.verification(expecting: [noted.hash, noted.auditHash])
        let result = try #require(expected.checks.last)
        #expect(result.name == .expected)
        #expect(result.differences == 1)
        #expect(result.first?.place == noted.auditHash.hexadecimal)
    }

    @Test("or cut with its head is found by the head that was noted", arguments: [true, false])
    func cut(_ cutsEntries: Bool) async throws {
        let store = try await BusyLedger.closed()
        let noted = try #require(try store.verification().head)
        try await Damage.write(store) { database in
            if cutsEntries {
                try database.execute(sql: "DELETE FROM entries WHERE batch > 9")
                try database.execute(sql: "DELETE FROM entry_batches WHERE number > 9")
                try Self.rehashEntries(database)
            } else {
                try database.execute(sql: "DELETE FROM audit WHERE number > 6")
                try Self.rehashAudit(database)
            }
        }
        let findings = try store.findings(expecting: [noted.hash, noted.auditHash])
        #expect(findings == (cutsEntries ? [.fold, .audit, .expected] : [.expected]))
    }

    @Test("a head that was noted earlier is still part of its chain")
    func grown() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 100)
        _ = try await user.consume(1)
        let noted = try #require(try store.verification().head)
        for _ in 0..<5 { _ = try await user.consume(1) }
        #expect(try store.findings(expecting: [noted.hash]) == [])
        let other = [UInt8](repeating: 7, count: 32)
        #expect(try store.findings(expecting: [noted.hash, other]) == [.expected])
    }
}
