import ArgumentParser
import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import Testing
import WeirClient

@testable import WeirCommand

/// `weir backup` and `weir restore`, as far as they need no server.
struct BackupCommandTests {
    private let hash = String(repeating: "0a", count: 32)

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder(for: "weir-backup")
        defer { folder.remove() }
        try await body(folder.path)
    }

    private func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func theReceiptShowsSizeAndHeads() throws {
        let receipt = try BackupReceipt(
            bytes: 1_234_567,
            headers: ["x-weir-head": "12 \(hash)", "x-weir-audit-head": "0 \(hash)"])
        #expect(
            receipt.text == """
                1,234,567 bytes

                head of the entries  \(hash)  number 12
                head of the audit    none yet

                """)
    }

    @Test(arguments: [
        nil, "", "12", "x 00", "12 00", "-1 \(String(repeating: "0a", count: 32))", "1 2 3",
    ])
    func anAnswerWithoutHeadsIsRefused(head: String?) {
        var headers = ["x-weir-audit-head": "0 \(hash)"]
        headers["x-weir-head"] = head
        #expect(throws: CommandFailure.self) { try BackupReceipt(bytes: 1, headers: headers) }
    }

    @Test func aFileThatIsThereIsNotReplaced() async throws {
        try await withFolder { folder in
            let path = folder + "/a"
            try Data("old".utf8).write(to: URL(fileURLWithPath: path))
            let link = folder + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "a")
            for name in [path, link] {
                let failure = await #expect(throws: CommandFailure.self) {
                    _ = try await OutputFile.open(path: name, .backup(replaces: false))
                }
                #expect(failure?.description.contains("--force") == true)
            }
            #expect(text(path) == "old")
            let file = try await OutputFile.open(path: link, .backup(replaces: true))
            try file.write(Array("new".utf8))
            #expect(text(path) == "old", "not before it is complete")
            try file.finish()
            #expect(text(path) == "new")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["a", "link"])
        }
    }

    @Test func aFileThatAppearsMeanwhileIsNotReplaced() async throws {
        try await withFolder { folder in
            let path = folder + "/a"
            let file = try await OutputFile.open(path: path, .backup(replaces: false))
            try file.write(Array("new".utf8))
            try Data("old".utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: CommandFailure.self) { try file.finish() }
            file.discard()
            #expect(text(path) == "old")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        }
    }

    @Test func aRestoreSaysWhatBecameOfIt() async throws {
        try await withFolder { folder in
            for name in ["one", "two"] {
                let ledger = try LedgerSQLite(
                    folder: DataFolder(path: folder + "/" + name), clock: ManualClock().read)
                try await ledger.close()
            }
            let file = folder + "/one/ledger.sqlite"
            let now = try #require(Timestamp("2026-12-24T10:11:12Z"))
            let restored = try LedgerRestorer.restore(
                file, to: folder + "/two", replacing: true, now: now)
            let text = RestoreCommand.text(restored, folder: folder + "/two")
            #expect(text.contains("head of the entries  none yet\n"))
            #expect(text.contains("with the next start it becomes generation 2.\n"))
            #expect(text.contains("/two/ledger-until-2026-12-24T101112.sqlite.\n"))
            #expect(!text.contains("pepper"))
            #expect(!text.contains("journal"))
            try FileManager.default.createDirectory(
                atPath: folder + "/two/journal", withIntermediateDirectories: true)
            try Data([1]).write(to: URL(filePath: folder + "/two/journal/0.journal"))
            let again = try LedgerRestorer.restore(
                file, to: folder + "/two", replacing: true,
                now: now.adding(nanoseconds: 2_000_000_000))
            #expect(
                RestoreCommand.text(again, folder: folder + "/two")
                    .contains("the next start needs --set-aside-journal, once.\n"))
            var command = try command("restore \(file) --data \(folder)/two")
            let failure = #expect(throws: CommandFailure.self) { try command.run() }
            #expect(failure?.description.contains("--force") == true)
        }
    }

    @Test(arguments: ["backup", "backup \"\"", "restore", "restore x --data \"\""])
    func whatTheLineLacksIsSaid(line: String) throws {
        let error = try #require(throws: (any Error).self) { try command(line) }
        #expect(Weir.exitCode(for: error) == .validationFailure)
    }
}
