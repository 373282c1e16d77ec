import Foundation
import LedgerSQLite
import QuotaLedger
import Testing

@Suite("The data folder")
struct DataFolderTests {
    private func code(_ path: String) -> LedgerError.Code? {
        do {
            _ = try DataFolder(path: path)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a folder is made with all that leads to it, for its owner only")
    func makesFolders() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/a/b"
        let folder = try DataFolder(path: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(folder.path == path)
        #expect(folder.databasePath.hasPrefix(path + "/"))
    }

    @Test("a second server on the same folder is refused until the first is gone")
    func locks() throws {
        let temporary = try TemporaryFolder()
        try withExtendedLifetime(DataFolder(path: temporary.path)) { _ in
            #expect(code(temporary.path) == .locked)
            #expect(code(temporary.path + "/.") == .locked)
        }
        #expect(code(temporary.path) == nil)
    }

    #if os(Linux)
    @Test("a copy of the lock's descriptor, as a starting child has one, does not hold it")
    func copies() throws {
        let temporary = try TemporaryFolder()
        var copies: [Int32] = []
        defer { for copy in copies { close(copy) } }
        try withExtendedLifetime(DataFolder(path: temporary.path)) { _ in
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                let file = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/fd/\(name)")
                if file?.hasPrefix(temporary.path + "/") == true, let number = Int32(name) {
                    copies.append(dup(number))
                }
            }
            #expect(code(temporary.path) == .locked)
        }
        #expect(!copies.isEmpty)
        #expect(code(temporary.path) == nil)
    }
    #endif

    @Test("a folder that can't be is refused")
    func impossible() throws {
        let temporary = try TemporaryFolder()
        let file = temporary.path + "/file"
        try Data("text".utf8).write(to: URL(filePath: file))
        for path in [file, file + "/below", file + "/far/below"] {
            #expect(code(path) == .unusableFolder)
        }
        try FileManager.default.createDirectory(
            atPath: temporary.path + "/taken/lock", withIntermediateDirectories: true)
        #expect(code(temporary.path + "/taken") == .unusableFolder)
    }

    @Test(
        "a folder that can't be written to is refused",
        .enabled(if: geteuid() != 0, "the superuser may write anywhere"))
    func readOnly() throws {
        let temporary = try TemporaryFolder()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o500], ofItemAtPath: temporary.path)
        #expect(code(temporary.path) == .unusableFolder)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o700], ofItemAtPath: temporary.path)
    }

    @Test("an error says which folder and what to do")
    func explains() throws {
        let temporary = try TemporaryFolder()
        let folder = try DataFolder(path: temporary.path)
        let error = #expect(throws: LedgerError.self) {
            _ = try DataFolder(path: folder.path)
        }
        #expect(error?.message.contains(temporary.path) == true)
        #expect(error?.message.contains("\n") == false)
    }
}
