#if os(Linux)
import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing

@Suite(
    "On a full disk",
    .enabled(if: SmallDisk.isPossible, "only the superuser can have a small disk"))
struct FullDiskTests {
    private let clock = ManualClock()

    /// Makes a ledger of which a copy has no room on its disk.
    private func ledger(on disk: SmallDisk) async throws -> LedgerSQLite {
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: disk.path + "/data"), clock: clock.read)
        for number in 0..<40 {
            let id = TenantID(trusted: "t\(number)")
            _ = try await ledger.commit([.createTenant(Tenant(id: id, createdAt: clock.now))])
        }
        return ledger
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    private func fill(_ disk: SmallDisk, leaving bytes: Int) throws {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: disk.path)
        let free = try #require((attributes[.systemFreeSize] as? NSNumber)?.intValue)
        let size = max(0, free - bytes)
        try Data(count: size).write(to: URL(filePath: disk.path + "/filling"))
    }

    @Test("a backup says so and leaves nothing; the ledger goes on")
    func backup() async throws {
        let disk = try SmallDisk(kibibytes: 8_192)
        let ledger = try await ledger(on: disk)
        try fill(disk, leaving: 100_000)
        for _ in 0..<2 {
            let error = await #expect(throws: LedgerError.self) { _ = try await ledger.backup() }
            #expect(error?.code == .diskFull)
            #expect(error?.message.contains("no room for a copy") == true)
        }
        #expect(try !names(disk.path + "/data").contains { $0.hasPrefix("backup") })
        try FileManager.default.removeItem(atPath: disk.path + "/filling")
        let id = TenantID(trusted: "later")
        _ = try await ledger.commit([.createTenant(Tenant(id: id, createdAt: clock.now))])
        #expect(try await ledger.backup().sizeBytes > 100_000)
        try await ledger.close()
        #expect(try LedgerVerifier.verify(folder: disk.path + "/data").isFine)
    }

    @Test("a restore leaves the ledger that is there, and nothing else")
    func restore() async throws {
        let store = try await BusyLedger.open()
        let source = try TemporaryFolder()
        let file = source.path + "/backup"
        try await store.ledger.backup().write(to: file)
        let disk = try SmallDisk(kibibytes: 8_192)
        let data = disk.path + "/data"
        try await ledger(on: disk).close()
        let old = try LedgerVerifier.verify(folder: data)
        try fill(disk, leaving: 100_000)
        let error = #expect(throws: LedgerError.self) {
            try LedgerRestorer.restore(file, to: data, replacing: true, now: clock.now)
        }
        #expect(error?.code == .diskFull)
        #expect(try names(data).filter { $0.hasPrefix("restore") } == [])
        #expect(try names(data).filter { $0.hasSuffix(".sqlite") } == ["ledger.sqlite"])
        #expect(try LedgerVerifier.verify(folder: data) == old)
    }
}
#endif
