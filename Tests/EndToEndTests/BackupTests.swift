import Foundation
import StrictJSON
import Testing
import WeirClient

/// `weir backup` and `weir restore`, as an operator calls them.
struct BackupTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder(for: "weir-backup")
        defer { folder.remove() }
        try await body(folder.path)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test func aServerIsCopiedUnderLoadAndRestored() async throws {
        try await withFolder { folder in
            let file = folder + "/weir.sqlite"
            try await TestServer.run { server in
                let consumed = try await server.weir(
                    "quota", "consume", "acme", "--charge", "ai_tokens=500")
                #expect(consumed.status == 0)
                try await server.withClient(connections: 8) { client in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<8 {
                            group.addTask {
                                for _ in 0..<25 {
                                    _ = await client.send(
                                        "POST", "/api/v1/consume",
                                        json: Array(#"{"tenant":"busy"}"#.utf8))
                                }
                            }
                        }
                        let backup = try await server.weir("backup", file)
                        #expect(backup.status == 0, "\(backup.errors)")
                        #expect(backup.output.contains("\nhead of the entries  "))
                        try await group.waitForAll()
                    }
                }
                let attributes = try FileManager.default.attributesOfItem(atPath: file)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                let refused = try await server.weir("backup", file)
                #expect(refused.status == 1)
                #expect(refused.errors.contains("exists already"))
                #expect(try await server.weir("backup", file, "--force").status == 0)
                let piped = try await server.bash(
                    "\"$WEIR\" backup - > '\(folder)/piped' 2> '\(folder)/said'")
                #expect(piped.status == 0, "\(piped.errors)")
                let verified = try await server.weir("verify", "--file", folder + "/piped")
                #expect(verified.status == 0, "\(verified.output)")
                #expect(
                    try String(contentsOfFile: folder + "/said", encoding: .utf8)
                        .contains("head of the audit"))
                let beside = try await server.weir(
                    "restore", file, "--data", server.dataFolder, "--force")
                #expect(beside.status == 1)
                #expect(beside.errors.contains("another server uses"), "\(beside.errors)")
                let other = folder + "/other"
                let restored = try await server.weir("restore", file, "--data", other)
                #expect(restored.status == 0, "\(restored.errors)")
                #expect(restored.output.contains("generation 2"))
                _ = await server.stopGracefully()
                let over = try await server.weir(
                    "restore", file, "--data", server.dataFolder, "--force")
                #expect(over.status == 0, "\(over.errors)")
                #expect(over.output.contains("is kept as"))
                // The pepper of the folder is still there, and so the server starts.
                try await server.crashAndRestart()
                let usage = try await server.weir("usage", "acme", "--json")
                #expect(usage.output.contains("500"), "\(usage.output)")
                let audit = try await server.weir("audit", "--json")
                #expect(audit.output.contains("ledger.restored"))
            }
            #expect(exists(folder + "/other/ledger.sqlite"))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(!names.contains { $0.contains("partial") })
        }
    }

    @Test func theServerVerifiesItself() async throws {
        try await TestServer.run { server in
            try await server.withClient(connections: 1) { client in
                // The first run begins with the server, and has little to read.
                let reply = try await client.sendUntilAnswered(
                    "GET", "/metrics", within: .seconds(30)
                ) { answer in
                    String(decoding: answer.body, as: UTF8.self)
                        .contains("\nweir_ledger_verified_seconds ")
                }
                guard case .answer(let answer) = reply else { return }
                let text = String(decoding: answer.body, as: UTF8.self)
                #expect(text.contains("\nweir_ledger_drift 0\n"), "\(text)")
            }
        }
    }
}
