import Foundation
import GRDB
import LedgerSQL
import LedgerSQLite
import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("A backup")
struct BackupTests {
    @Test("of a ledger with everything in it verifies, and says where its chains end")
    func everything() async throws {
        let store = try await BusyLedger.open()
        let before = try store.verification()
        let folder = try TemporaryFolder()
        let path = folder.path + "/copy"
        let backup = try await store.ledger.backup()
        try await backup.write(to: path)
        let copy = try LedgerVerifier.verify(file: path)
        #expect(copy == before)
        #expect(backup.head.batch == before.head?.batch)
        #expect(backup.head.auditHash == before.head?.auditHash)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["copy"])
        let left = try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
        #expect(!left.contains { $0.hasPrefix("backup") })
        try await store.ledger.close()
        #expect(try store.findings() == [])
    }

    @Test("under load has all that was answered before it began, and goes on being whole")
    func underLoad() async throws {
        let store = try SQLiteStore()
        let user = User(store: store, quantity: 1_000_000)
        let target = try TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<40 { _ = try await user.consume([1, 2, 3]) }
                }
            }
            for round in 0..<5 {
                let answered = try await user.posted()
                let path = target.path + "/\(round)"
                try await store.ledger.backup().write(to: path)
                let folder = target.path + "/folder\(round)"
                let restored = try LedgerRestorer.restore(
                    path, to: folder, replacing: false, now: store.clock.now)
                #expect(restored.generation == 2)
                let posted = try await Self.posted(in: folder, store.clock)
                #expect(posted >= answered)
                #expect(posted <= 1_920)
            }
            try await group.waitForAll()
        }
        #expect(try await user.posted() == 1_920)
        #expect(try store.findings() == [])
    }

    private static func posted(in path: String, _ clock: ManualClock) async throws -> Int64 {
        let ledger = try LedgerSQLite(folder: DataFolder(path: path), clock: clock.read)
        let accounts = try await ledger.accounts(of: User.tenant)
        try await ledger.close()
        return accounts.reduce(0) { $0 + $1.account.posted }
    }

    @Test("is one at a time, until it is read or dropped")
    func oneAtATime() async throws {
        let store = try SQLiteStore()
        var first: LedgerBackup? = try await store.ledger.backup()
        #expect(first != nil)
        let error = await #expect(throws: LedgerError.self) {
            _ = try await store.ledger.backup()
        }
        #expect(error?.code == .backupRunning)
        first = nil
        _ = try await store.ledger.backup()
    }

    @Test("leaves no mark in the ledger it was made of, which stays of its generation")
    func liveLedger() async throws {
        let store = try await BusyLedger.open()
        let before = try store.verification().head
        #expect(store.ledger.generation == 1)
        _ = try await store.ledger.backup()
        #expect(try await store.ledger.setting("restored") == nil)
        #expect(try await store.reopen().generation == 1)
        #expect(try store.verification().head == before)
    }

    @Test("opened as a ledger begins a new generation, once, and says so in the audit list")
    func generation() async throws {
        let store = try await BusyLedger.open()
        let backup = try await store.ledger.backup()
        let folder = try TemporaryFolder()
        try await backup.write(to: folder.path + "/ledger.sqlite")
        for _ in 0..<2 {
            let ledger = try LedgerSQLite(
                folder: DataFolder(path: folder.path), clock: store.clock.read)
            #expect(ledger.generation == 2)
            #expect(try await ledger.setting("restored") == nil)
            let entries = try await ledger.audit(
                AuditFilter(action: "ledger.restored"), before: nil, limit: 10)
            #expect(
                entries.map(\.note.details) == [
                    #"{"batch":\#(backup.head.batch),"generation":2}"#
                ])
            #expect(entries.map(\.number) == [backup.head.audit + 1])
            try await ledger.close()
        }
        #expect(try LedgerVerifier.verify(folder: folder.path).isFine)
    }

    @Test("of a restored ledger counts on")
    func thirdGeneration() async throws {
        let clock = ManualClock()
        let target = try TemporaryFolder()
        var path = target.path + "/first"
        for generation in 1...3 as ClosedRange<Int64> {
            let ledger = try LedgerSQLite(
                folder: DataFolder(path: path), clock: clock.read)
            #expect(ledger.generation == generation)
            let file = target.path + "/\(generation)"
            try await ledger.backup().write(to: file)
            try await ledger.close()
            path = target.path + "/folder\(generation)"
            let restored = try LedgerRestorer.restore(
                file, to: path, replacing: false, now: clock.now)
            #expect(restored.generation == generation + 1)
        }
    }

    @Test("that a crash has left half is removed at the next start")
    func leftovers() async throws {
        let store = try SQLiteStore()
        try await store.ledger.close()
        let names = ["backup.partial", "backup.partial-journal", "restore.partial"]
        for name in names {
            try Data("half".utf8).write(to: URL(filePath: store.folder.path + "/" + name))
        }
        _ = try await store.reopen()
        for name in names {
            #expect(!FileManager.default.fileExists(atPath: store.folder.path + "/" + name))
        }
    }
}

extension LedgerBackup {
    /// Writes the copy to a file, in parts of an odd size.
    func write(to path: String) async throws {
        var bytes: [UInt8] = []
        while Int64(bytes.count) < sizeBytes {
            let part = try await read(Int64(bytes.count), 70_001)
            #expect(!part.isEmpty)
            bytes += part
        }
        #expect(Int64(bytes.count) == sizeBytes)
        try Data(bytes).write(to: URL(filePath: path))
    }
}
