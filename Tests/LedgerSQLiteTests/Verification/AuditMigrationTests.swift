import GRDB
import LedgerSQL
@testable import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("Changes that were noted before there was a chain")
struct AuditMigrationTests {
    private let temporary: TemporaryFolder
    private let folder: DataFolder

    init() throws {
        temporary = try TemporaryFolder()
        folder = try DataFolder(path: temporary.path)
    }

    /// Writes a ledger of the second version with so many changes.
    private func note(_ count: Int) throws {
        let database = try DatabaseQueue(path: folder.databasePath)
        try Migrations.migrator.migrate(database, upTo: "2 administration")
        try database.write { database in
            for number in 1...count {
                try database.execute(
                    sql: """
                        INSERT INTO audit (at_ns, actor, action, subject, tenant, reason, details)
                        VALUES (?, 'admin', 'plan.put', ?, ?, ?, ?)
                        """,
                    arguments: [
                        number, "p\(number)", number % 2 == 0 ? "acme" : nil,
                        number % 3 == 0 ? "é" : nil, number % 5 == 0 ? "{}" : nil,
                    ])
            }
        }
        try database.close()
    }

    @Test("are chained as they are, and the chain goes on")
    func chained() async throws {
        try note(30)
        let ledger = try LedgerSQLite(folder: folder, clock: ManualClock().read)
        let old = try await ledger.audit(AuditFilter(), before: nil, limit: 99)
        #expect(old.map(\.number) == Array((1...30).reversed()))
        #expect(old[0].note.details == "{}")
        #expect(old[0].note.tenant?.text == "acme")
        #expect(old[27].note.reason == "é")
        let tenant = Tenant(id: User.tenant, createdAt: .distantPast)
        _ = try await ledger.commit([
            .audited(.createTenant(tenant), AuditNote(action: "tenant.create", subject: "acme"))
        ])
        try await ledger.close()
        let verification = try LedgerVerifier.verify(folder: folder.path)
        #expect(verification.checks.compactMap(\.first) == [])
        #expect(verification.head?.audit == 31)
    }

    @Test("can't be updated or deleted still")
    func triggers() async throws {
        try note(3)
        try await LedgerSQLite(folder: folder, clock: ManualClock().read).close()
        let database = try DatabaseQueue(path: folder.databasePath)
        for change in ["UPDATE audit SET reason = ''", "DELETE FROM audit"] {
            await #expect(throws: DatabaseError.self) {
                try await database.write { try $0.execute(sql: change) }
            }
        }
    }
}
