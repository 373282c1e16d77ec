import Foundation
import GRDB
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("A restore")
struct RestoreTests {
    private let target: TemporaryFolder
    private let clock = ManualClock(Timestamp("2026-12-24T10:11:12.5Z")!)

    init() throws {
        target = try TemporaryFolder()
    }

    private var folder: String { target.path + "/data" }
    private var file: String { target.path + "/backup" }

    /// Writes a backup of a busy ledger, and answers what it verified as.
    private func backUp() async throws -> LedgerVerification {
        let store = try await BusyLedger.open()
        try await store.ledger.backup().write(to: file)
        return try store.verification()
    }

    /// Makes a ledger with a tenant of a name in the folder.
    private func existing(_ tenant: String) async throws -> LedgerHead? {
        let ledger = try LedgerSQLite(folder: DataFolder(path: folder), clock: clock.read)
        let id = TenantID(trusted: tenant)
        _ = try await ledger.commit([
            .audited(
                .createTenant(Tenant(id: id, createdAt: clock.now)),
                AuditNote(action: "tenant.create", subject: tenant))
        ])
        try await ledger.close()
        return try LedgerVerifier.verify(folder: folder).head
    }

    private func restore(replacing: Bool = false) throws(LedgerError) -> RestoredLedger {
        try LedgerRestorer.restore(file, to: folder, replacing: replacing, now: clock.now)
    }

    private func code(_ body: () throws -> Void) -> LedgerError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LedgerError)?.code
        }
    }

    /// The files of the folder, but for the log, which may stay empty.
    private var names: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }

    @Test("of a ledger with everything in it gives the same ledger")
    func roundTrip() async throws {
        let before = try await backUp()
        let restored = try restore()
        #expect(restored.verification == before)
        #expect(restored.generation == 2)
        #expect(restored.keptPath == nil)
        #expect(!restored.needsPepper)
        #expect(names == ["ledger.sqlite", "lock"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/ledger.sqlite")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let after = try LedgerVerifier.verify(folder: folder)
        #expect(after == before)
    }

    @Test("over a ledger is refused, and with force keeps it under a name with the date")
    func existingLedger() async throws {
        let before = try await backUp()
        let old = try await existing("old")
        #expect(code { _ = try restore() } == .ledgerExists)
        #expect(try LedgerVerifier.verify(folder: folder).head == old)
        let restored = try restore(replacing: true)
        let kept = folder + "/ledger-until-2026-12-24T101112.sqlite"
        #expect(restored.keptPath == kept)
        #expect(try LedgerVerifier.verify(folder: folder) == before)
        #expect(try LedgerVerifier.verify(file: kept).head == old)
        let again = try restore(replacing: true)
        #expect(again.keptPath?.hasSuffix("12-2.sqlite") == true)
        #expect(try LedgerVerifier.verify(file: kept).head == old)
    }

    @Test("keeps the log of a ledger that was killed, too")
    func killedLedger() async throws {
        let before = try await backUp()
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 10)
        #expect(try await user.consume(1))
        let head = try store.verification().head
        _ = try DataFolder(path: folder)
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: store.dataFolder.databasePath + suffix,
                toPath: folder + "/ledger.sqlite" + suffix)
        }
        let kept = try #require(try restore(replacing: true).keptPath)
        #expect(try LedgerVerifier.verify(folder: folder) == before)
        #expect(!FileManager.default.fileExists(atPath: folder + "/ledger.sqlite-wal"))
        #expect(try LedgerVerifier.verify(file: kept).head == head)
    }

    @Test("beside a running server is refused")
    func running() async throws {
        _ = try await backUp()
        let server = try DataFolder(path: folder)
        #expect(code { _ = try restore(replacing: true) } == .locked)
        #expect(names == ["lock"])
        withExtendedLifetime(server) {}
    }

    @Test("of what is no backup, or differs from its own log, changes nothing")
    func wrongFiles() async throws {
        let old = try await existing("old")
        #expect(code { _ = try restore(replacing: true) } == .unusableFolder)
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        #expect(code { _ = try restore(replacing: true) } == .unusableFolder)
        try FileManager.default.removeItem(atPath: file)
        for text in ["", "no database at all"] {
            try Data(text.utf8).write(to: URL(filePath: file))
            #expect(code { _ = try restore(replacing: true) } == .unusableFolder, "\(text)")
        }
        _ = try await backUp()
        let half = try Data(contentsOf: URL(filePath: file)).prefix(40_000)
        try half.write(to: URL(filePath: file))
        #expect(code { _ = try restore(replacing: true) } != nil)
        _ = try await backUp()
        let database = try DatabaseQueue(path: file)
        try await database.write { database in
            try database.execute(sql: "UPDATE daily_meter_usage SET units = units + 1")
        }
        try database.close()
        #expect(code { _ = try restore(replacing: true) } == .differs)
        try Data("log".utf8).write(to: URL(filePath: file + "-wal"))
        #expect(code { _ = try restore(replacing: true) } == .unusableFolder)
        #expect(names == ["ledger.sqlite", "lock"])
        #expect(try LedgerVerifier.verify(folder: folder).head == old)
    }

    @Test("that is interrupted before it is complete has not happened")
    func interruptedEarly() async throws {
        _ = try await backUp()
        let old = try await existing("old")
        let data = try Data(contentsOf: URL(filePath: file))
        try data.write(to: URL(filePath: folder + "/restore.partial"))
        for suffix in ["", "-wal"] {
            // The second name that the old ledger has got already.
            try? FileManager.default.linkItem(
                atPath: folder + "/ledger.sqlite" + suffix,
                toPath: folder + "/ledger-until-2026-12-24T101112.sqlite" + suffix)
        }
        let ledger = try LedgerSQLite(folder: DataFolder(path: folder), clock: clock.read)
        #expect(ledger.generation == 1)
        try await ledger.close()
        #expect(names == ["ledger.sqlite", "lock"])
        #expect(try LedgerVerifier.verify(folder: folder).head == old)
    }

    @Test("that is interrupted once it is complete is finished by the next start")
    func interruptedLate() async throws {
        let before = try await backUp()
        _ = try await existing("old")
        try FileManager.default.moveItem(atPath: file, toPath: folder + "/restore.ready")
        // A log of the old ledger must not be mixed with the new one.
        try Data("of the old ledger".utf8).write(to: URL(filePath: folder + "/ledger.sqlite-wal"))
        let ledger = try LedgerSQLite(folder: DataFolder(path: folder), clock: clock.read)
        #expect(ledger.generation == 2)
        try await ledger.close()
        let after = try LedgerVerifier.verify(folder: folder)
        #expect(after.isFine)
        #expect(after.head?.batch == before.head?.batch)
        #expect(names == ["ledger.sqlite", "lock"])
    }

    @Test("says when keys have no pepper to verify them with")
    func pepper() async throws {
        let store = try SQLiteStore()
        let tenant = TenantID(trusted: "acme")
        _ = try await store.ledger.commit([
            .createTenant(Tenant(id: tenant, createdAt: .distantPast))
        ])
        try await store.ledger.close()
        let database = try DatabaseQueue(path: store.dataFolder.databasePath)
        try await database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO api_keys (id, tenant, name, status, is_test, created_at_ns,
                        revision, public_id, digest, pepper_version)
                    VALUES ('k', 'acme', 'k', 'active', 0, 0, 0, 'p', x'00', 1)
                    """)
        }
        try database.close()
        try await store.reopen().backup().write(to: file)
        #expect(try restore().needsPepper)
        try Data("secret".utf8).write(to: URL(filePath: folder + "/pepper-1"))
        #expect(try !restore(replacing: true).needsPepper)
    }
}
