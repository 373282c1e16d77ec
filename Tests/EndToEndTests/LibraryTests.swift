import Testing
import Weir
import WeirClient

/// A data folder is a server's and an application's in turn, and neither notices.
struct LibraryTests {
    private static let consume = Array(
        #"{"tenant":"acme","charges":[{"meter":"api_calls","amount":10}]}"#.utf8)

    private struct Answer: Decodable, Sendable {
        struct Limit: Decodable, Sendable {
            var used: Int
        }

        var limits: [Limit]
    }

    private func expect(_ status: Int, _ reply: APIReply) throws -> APIAnswer {
        guard case .answer(let answer) = reply, answer.status == status else {
            throw ChildCommand.Failure(description: "\(status) was expected: \(reply)")
        }
        return answer
    }

    /// Uses ten calls over HTTP, and answers what is used then.
    private func use(_ server: TestServer) async throws -> Int {
        try await server.withClient(connections: 1) { client in
            let answer = try expect(
                200, await client.send("POST", "/api/v1/consume", json: Self.consume))
            return try answer.decode(Answer.self).limits[0].used
        }
    }

    @Test func aServerAndAnApplicationHaveAFolderInTurn() async throws {
        try await TestServer.run { server in
            #expect(try await use(server) == 10)
            let options = Weir.Options(folder: server.dataFolder)
            let inUse = await #expect(throws: WeirError.self) { try await Weir.open(options) }
            #expect(inUse?.code == .folderInUse)

            #expect(await server.stopGracefully() == 0)
            var key = ""
            try await Weir.withOpen(options) { weir in
                let decision = try await weir.consume(tenant: "acme")
                #expect(decision.limits[0].used == 11)
                key = try await weir.createKey(tenant: "acme", name: "library").text
            }

            try await server.crashAndRestart()
            #expect(try await use(server) == 21)
            try await APIClient.open(
                url: server.url, credential: key, connections: 1, timeout: .seconds(30)
            ) { client in
                _ = try expect(200, await client.send("GET", "/api/v1/usage"))
            }

            try await server.crash()
            try await Weir.withOpen(options) { weir in
                let usage = try await weir.usage(of: "acme")
                #expect(usage.limits[0].used == 21, "recovered from the server's journal")
            }
        }
    }
}
