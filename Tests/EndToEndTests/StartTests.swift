import Foundation
import GRDB
import Testing
import WeirClient

/// What keeps a server from starting is said in one line, and the exit code tells it too.
struct StartTests {
    /// Runs a server that must not start, and answers its one line of complaint.
    private func complaint(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) async throws -> String {
        try await ChildCommand.run(["serve"] + arguments, environment: environment) { command in
            let status = try await command.exitStatus()
            #expect(status != nil && status != 0)
            #expect(command.output.isEmpty)
            // Log lines are JSON; the complaint is what is left.
            let lines = command.errors.split(separator: "\n").filter { !$0.hasPrefix("{") }
            #expect(lines.count == 1, "\(command.errors)")
            return lines.joined()
        }
    }

    @Test func aPortInUse() async throws {
        try await TestServer.run { server in
            let port = String(server.url.split(separator: ":").last ?? "")
            let folder = try TemporaryFolder(for: "weir-test")
            defer { folder.remove() }
            let line = try await complaint(["--port", port, "--data", folder.path])
            #expect(line.contains("port \(port)") && line.contains("--port"))
        }
    }

    @Test func aSecondServerOnTheSameFolder() async throws {
        try await TestServer.run { server in
            let line = try await complaint(["--port", "0", "--data", server.dataFolder])
            #expect(line.contains("another server uses") && line.contains("--data"))
        }
    }

    @Test func aFolderThatCannotBe() async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let file = folder.path + "/file"
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        let line = try await complaint(["--port", "0", "--data", file + "/data"])
        #expect(line.contains("can't be created") && line.contains("--data"))
    }

    @Test func aLedgerOfANewerWeir() async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let database = try DatabaseQueue(path: folder.path + "/ledger.sqlite")
        try await database.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('999 from the future');
                    """)
        }
        try database.close()
        let line = try await complaint(["--port", "0", "--data", folder.path])
        #expect(line.contains("newer Weir"))
    }

    @Test(arguments: [
        ("prot: 9000", "line 1: unknown key \"prot\"; did you mean \"port\"?"),
        ("host: 127.0.0.1\nport: ninety", "port (WEIR_PORT) must be an integer from 0 to 65535"),
        ("- port", "must be a mapping"),
    ])
    func aBadFile(_ text: String, _ expected: String) async throws {
        let folder = try TemporaryFolder(for: "weir-test")
        defer { folder.remove() }
        let file = folder.path + "/weir.yaml"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let line = try await complaint(["--config", file, "--data", folder.path + "/data"])
        #expect(line.contains(expected), "\(line)")
    }

    @Test func aStopIsGracefulAndKeepsEverything() async throws {
        try await TestServer.run { server in
            let body = Array(
                #"{"tenant":"acme","charges":[{"meter":"ai_tokens","amount":7}]}"#.utf8)
            try await server.withClient(connections: 1) { client in
                guard
                    case .answer(let answer) = await client.send(
                        "POST", "/api/v1/consume", json: body)
                else {
                    Issue.record("the consumption was not answered")
                    return
                }
                #expect(answer.status == 200)
            }
            #expect(await server.stopGracefully() == 0)
            // A ledger that was closed in order leaves nothing in its log.
            let log = FileManager.default.contents(atPath: server.dataFolder + "/ledger.sqlite-wal")
            #expect(log?.isEmpty ?? true)
            let database = try DatabaseQueue(path: server.dataFolder + "/ledger.sqlite")
            let posted = try await database.read { database in
                try Int.fetchAll(
                    database,
                    sql: "SELECT posted FROM accounts WHERE tenant = 'acme' AND posted > 0")
            }
            #expect(posted == [7])
        }
    }
}
