import StrictJSON
import Testing
import WeirClient

private let program = InstalledProgram(name: "curl", purpose: "the gateway by curl")

/// Chats with curl.
@Suite("curl", .timeLimit(.minutes(5)))
struct CurlTests {
    private static let messages = #""messages":[{"role":"user","content":"hi"}]"#

    private func curl(_ server: GatewayServer, key: String, _ arguments: [String]) async throws
        -> String
    {
        let path = try #require(program.path)
        let all =
            ["-sS", "--max-time", "60", "-H", "Authorization: Bearer \(key)"] + arguments
            + ["-H", "Content-Type: application/json", "\(server.url)/v1/chat/completions"]
        return try await ChildCommand.run(executable: path, all) { command in
            let status = try await command.exitStatus()
            #expect(status == 0, "\(command.errors)")
            return command.output
        }
    }

    @Test("a chat", .enabled(if: program.isInstalled, "curl is not installed"))
    func plain() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let text = try await curl(
                server, key: key,
                [
                    "-d",
                    #"{"model":"small","max_tokens":3,\#(Self.messages)}"#,
                ])
            let answer = try JSONValue(parsing: text.utf8)
            #expect(answer["usage"]?["completion_tokens"] == 3)
            let books = try await server.books()
            #expect(try await server.used()["ai_tokens/month"] == books.tokens)
        }
    }

    @Test("a stream", .enabled(if: program.isInstalled, "curl is not installed"))
    func stream() async throws {
        try await GatewayServer.run { server in
            let key = try await server.unlimitedTenant()
            let text = try await curl(
                server, key: key,
                [
                    "-N", "-d",
                    #"{"model":"small","stream":true,"max_tokens":3,\#(Self.messages)}"#,
                ])
            #expect(text.hasSuffix("data: [DONE]\n\n"))
            #expect(text.split(separator: "\n").filter { $0.hasPrefix("data: {") }.count >= 4)
            let books = try await server.books()
            #expect(books.completionTokens == 3)
            #expect(try await server.used()["ai_tokens/month"] == books.tokens)
        }
    }
}
