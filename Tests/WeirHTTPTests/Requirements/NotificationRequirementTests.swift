import QuotaNode
import StrictJSON
import Testing

/// Row B9: what is told of a limit, each once.
@Suite("requirement B9")
struct NotificationRequirementTests {
    private static let types = [
        "quota.threshold_reached", "quota.exhausted", "quota.recovered", "quota.reset",
    ]

    private func types(_ server: TestServer, _ query: String = "") async throws -> [String] {
        try await server.notifications(query).map { $0.string("type") }
    }

    /// Takes a tenant over its soft limit and its limit, and back below.
    private func period(_ server: TestServer, _ tenant: String = "acme") async throws {
        for amount in [79_999, 1, 1, 10_000, 9_999] as [Int64] {
            let reply = try await server.admin.consume(amount, "ai_tokens", tenant: tenant)
            #expect(reply.status == 200, "\(reply.text)")
            try await server.node.fold()
        }
        #expect(try await server.admin.consume(1, "ai_tokens", tenant: tenant).status == 429)
        #expect(try await server.admin.adjust(-50_000, "ai_tokens", tenant: tenant).status == 201)
        // Over both once more.
        for amount in [40_000, 10_000] as [Int64] {
            let reply = try await server.admin.consume(amount, "ai_tokens", tenant: tenant)
            #expect(reply.status == 200, "\(reply.text)")
            try await server.node.fold()
        }
        #expect(try await server.admin.adjust(-1, "ai_tokens", tenant: tenant).status == 201)
        try await server.node.fold()
    }

    @Test("B9: soft limit, limit, recovery and reset are told once for each period")
    func onceEach() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(100_000, "ai_tokens", per: "day")])
        _ = try await server.admin.consume(79_999, "ai_tokens", tenant: "globex")
        try await period(server)
        #expect(try await types(server) == Array(Self.types.prefix(3)))
        try server.move(to: "2026-11-22T00:00:00Z")
        try await server.settleDown()
        try await server.settleDown()
        #expect(try await types(server, "tenant=acme") == Self.types)
        try await period(server)
        #expect(
            try await types(server, "tenant=acme") == Self.types + Self.types.prefix(3))
        try server.move(to: "2026-11-23T00:00:00Z")
        try await server.settleDown()
        #expect(try await types(server, "tenant=acme") == Self.types + Self.types)
        for type in Self.types {
            #expect(try await types(server, "tenant=acme&type=\(type)") == [type, type])
        }
    }

    @Test("B9: each says of whom, of which limit, of how much, and of which period")
    func content() async throws {
        let server = try await TestServer()
        try await period(server)
        try server.move(to: "2026-12-01T00:00:00Z")
        try await server.settleDown()
        let told = try await server.notifications()
        #expect(told.map { $0.string("type") } == Self.types)
        #expect(told.map { $0["data"]?["used"] }.prefix(3) == [80_000, 100_000, 50_000])
        #expect(told.first?["data"]?["percent"] == 80)
        for item in told {
            let data = try #require(item["data"])
            #expect(data["tenant"] == "acme")
            #expect(data["limit_id"] == "tenant:ai_tokens/month")
            #expect(data["meter"] == "ai_tokens" && data["window"] == "month")
            #expect(data["limit"] == 100_000)
        }
        for item in told.prefix(3) {
            #expect(item["data"]?["period_start"] == "2026-11-01T00:00:00Z")
            #expect(item["data"]?["period_end"] == "2026-12-01T00:00:00Z")
            #expect(item["timestamp"] == "2026-11-21T10:00:00.123Z")
        }
        #expect(Set(told.map { $0.string("id") }).count == told.count)
        let numbers = told.map { $0.integer("number") }
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
    }

    @Test("B9: a limit that is not reached, and a refusal of it, tell of nothing")
    func nothing() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(79_999, "ai_tokens")
        #expect(try await server.admin.consume(100_000, "ai_tokens").status == 429)
        _ = try await server.admin.check(.charging(20_001, "ai_tokens"))
        #expect(try await types(server).isEmpty)
        // A lower limit has been reached all the same.
        _ = try await server.admin.override(["limit": 90_000], on: "ai_tokens/month")
        _ = try await server.admin.consume(1, "ai_tokens")
        #expect(try await types(server) == ["quota.threshold_reached"])
    }
}
