import StrictJSON
import Testing
import WeirClient

/// `weir replay --gateway`, which is what `scripts/run --demo` shows.
@Suite("a replay through the gateway", .timeLimit(.minutes(10)))
struct GatewayReplayTests {
    private func replay(_ server: GatewayServer) async throws -> (status: Int32?, report: JSONValue)
    {
        let arguments = [
            "replay", "--gateway", server.url, "--trace", BuiltWeir.sampleTrace, "--limit", "120",
            "--tenants", "4", "--plan", "free", "--plan", "starter", "--speed", "max", "--run",
            "test", "--json",
        ]
        return try await ChildCommand.run(
            arguments, environment: ["WEIR_ADMIN_TOKEN": server.adminToken]
        ) { command in
            let status = try await command.exitStatus()
            #expect(command.output.hasPrefix("{"), "\(command.errors)")
            return (status, try JSONValue(parsing: command.output.utf8))
        }
    }

    @Test("what is booked is what the backends say, and what they generated")
    func equal() async throws {
        let flags = ["--output-tokens", "100000"]
        try await GatewayServer.run(backends: [flags, flags]) { server in
            let (status, report) = try await replay(server)
            #expect(status == 0, "\(report)")
            let ledger = try #require(report["ledger"])
            #expect(ledger["equal"] == true)
            #expect(ledger["tenants"] == 4)
            let tenants = try #require(report["tenants"]?.arrayValue)
            #expect(
                tenants.compactMap { $0["plan"]?.stringValue }
                    == ["free", "starter", "free", "starter"])
            #expect(tenants.compactMap { $0["rows"]?.integerValue }.reduce(0, +) == 120)
            let tokens = tenants.compactMap { $0["tokens"]?.integerValue }.reduce(0, +)
            let books = try await server.books()
            #expect(tokens == books.tokens)
        }
    }

    @Test("a ledger that differs is found out")
    func different() async throws {
        let flags = ["--output-tokens", "100000"]
        try await GatewayServer.run(backends: [flags]) { server in
            try await server.administer(
                "POST", "/api/admin/tenants", ["id": "replay-test-0001", "plan": "free"])
            try await server.administer(
                "POST", "/api/v1/consume",
                [
                    "tenant": "replay-test-0001",
                    "charges": [["meter": "ai_tokens", "amount": 1]],
                ])
            let (status, report) = try await replay(server)
            #expect(status == 1)
            #expect(report["ledger"]?["equal"] == false)
            let differences = report["ledger"]?["differences"]?.arrayValue ?? []
            #expect(
                differences.contains {
                    $0.stringValue?.hasPrefix("replay-test-0001 tenant:ai_tokens/month used")
                        == true
                }, "\(report)")
        }
    }
}
