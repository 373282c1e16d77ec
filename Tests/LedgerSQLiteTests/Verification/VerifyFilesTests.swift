import Foundation
import GRDB
import LedgerSQL
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite("Verifying leaves the data folder as it is")
struct VerifyFilesTests {
    /// The files of a folder with their bytes, but for the index that connections share.
    private func files(_ path: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where !name.hasSuffix("-shm") {
            files[name] = try Data(contentsOf: URL(filePath: path + "/" + name))
        }
        return files
    }

    /// The files of a server that was killed, with the index of its log or without.
    private func killed(withIndex: Bool) async throws -> TemporaryFolder {
        let store = try await BusyLedger.open()
        let copy = try TemporaryFolder()
        let suffixes = ["", "-wal"] + (withIndex ? ["-shm"] : [])
        for suffix in suffixes {
            try FileManager.default.copyItem(
                atPath: store.dataFolder.databasePath + suffix,
                toPath: copy.path + "/ledger.sqlite" + suffix)
        }
        return copy
    }

    @Test("while it is open, and the log stays where it is")
    func open() async throws {
        let store = try await BusyLedger.open()
        let before = try files(store.folder.path)
        #expect(before["ledger.sqlite-wal"]?.isEmpty == false)
        #expect(try store.verification().isFine)
        #expect(try files(store.folder.path) == before)
        let user = User(store: store, quantity: 100)
        _ = try await user.consume(1)
        #expect(try store.verification().isFine)
    }

    @Test("when it is closed, without even an empty log", arguments: [false, true])
    func closed(_ isDamaged: Bool) async throws {
        let store = try await BusyLedger.closed()
        if isDamaged { try await Damage.run(store, ["UPDATE grants SET size = size + 1"]) }
        let before = try files(store.folder.path)
        let names = try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
        #expect(try store.verification().isFine == !isDamaged)
        #expect(try files(store.folder.path) == before)
        let after = try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
        #expect(Set(after) == Set(names))
    }

    @Test("after a crash, with the log it left", arguments: [true, false])
    func afterACrash(_ withIndex: Bool) async throws {
        let folder = try await killed(withIndex: withIndex)
        let before = try files(folder.path)
        for _ in 0..<2 {
            let verification = try LedgerVerifier.verify(folder: folder.path)
            #expect(verification.checks.compactMap(\.first) == [])
            #expect(verification.head?.audit == 16, "what is in the log alone is read")
            #expect(try files(folder.path) == before)
        }
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: folder.path), clock: ManualClock().read)
        let user = try await ledger.accounts(of: User.tenant)
        #expect(!user.isEmpty)
        try await ledger.close()
        #expect(try LedgerVerifier.verify(folder: folder.path).isFine)
    }

    @Test("in a folder with a name that means something in an address")
    func odd() async throws {
        let store = try await BusyLedger.closed()
        let folder = try TemporaryFolder()
        let odd = folder.path + "/a b?mode=rwc&c#d%41é"
        try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: store.dataFolder.databasePath, toPath: odd + "/ledger.sqlite")
        #expect(try LedgerVerifier.verify(folder: odd).isFine)
        #expect(try FileManager.default.contentsOfDirectory(atPath: odd) == ["ledger.sqlite"])
    }

    @Test("that is none, with a word about it")
    func missing() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, folder.path + "/nowhere"] {
            let error = #expect(throws: LedgerError.self) {
                try LedgerVerifier.verify(folder: path)
            }
            #expect(error?.code == .unusableFolder)
            #expect(error?.message.contains("there is no ledger in \(path)") == true)
            #expect(error?.message.contains("--data") == true)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test("of something else or a newer version, with a word about it")
    func others() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/ledger.sqlite"
        try Data(String(repeating: "no database\n", count: 900).utf8).write(to: URL(filePath: path))
        let noDatabase = #expect(throws: LedgerError.self) {
            try LedgerVerifier.verify(folder: folder.path)
        }
        #expect(noDatabase?.message.contains("damaged") == true)
        try FileManager.default.removeItem(atPath: path)
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (a)") }
        try queue.close()
        let noLedger = #expect(throws: LedgerError.self) {
            try LedgerVerifier.verify(folder: folder.path)
        }
        #expect(noLedger?.message.contains("no ledger of Weir") == true)
        let store = try await BusyLedger.closed()
        try await Damage.run(
            store, ["INSERT INTO grdb_migrations (identifier) VALUES ('999 of the future')"])
        let newer = #expect(throws: LedgerError.self) { try store.verification() }
        #expect(newer?.code == .newerSchema)
    }
}
