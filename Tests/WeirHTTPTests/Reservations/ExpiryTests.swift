import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@Suite("reservations and time")
struct ExpiryTests {
    private static let tokens = "tenant:ai_tokens/month"

    private func reserve(
        _ amount: Int64,
        ttl: Int64? = nil,
        onExpiry: String? = nil,
        on server: TestServer
    ) async throws -> Reply {
        var body = JSONValue.charging(amount, "ai_tokens").objectValue ?? JSONObject()
        if let ttl { body["ttl_ms"] = .number(JSONNumber(ttl)) }
        if let onExpiry { body["on_expiry"] = .string(onExpiry) }
        return try await server.admin.reserve(.object(body))
    }

    @Test(
        "ttl_ms is 1 ms to 24 h",
        arguments: [
            (1, "2026-11-21T10:00:00.124Z"), (60_000, "2026-11-21T10:01:00.123Z"),
            (86_400_000, "2026-11-22T10:00:00.123Z"),
        ] as [(Int64, String)])
    func ttl(milliseconds: Int64, expiresAt: String) async throws {
        let server = try await TestServer()
        let reply = try await reserve(1, ttl: milliseconds, on: server)
        #expect(reply.status == 201)
        #expect(reply["expires_at"] == .string(expiresAt))
    }

    @Test("any other ttl_ms is refused", arguments: [-1, 0, 86_400_001, .max] as [Int64])
    func badTTL(milliseconds: Int64) async throws {
        let server = try await TestServer()
        let reply = try await reserve(1, ttl: milliseconds, on: server)
        expectProblem(reply, 422, pointer: "/ttl_ms")
    }

    @Test("on_expiry is suspect, post or void")
    func badOnExpiry() async throws {
        let server = try await TestServer()
        expectProblem(
            try await reserve(1, onExpiry: "forget", on: server), 422, pointer: "/on_expiry")
        // They belong to reserve alone.
        let body: JSONValue = ["tenant": "acme", "ttl_ms": 1000]
        expectProblem(try await server.admin.consume(body), 422, pointer: "/ttl_ms")
    }

    @Test(
        "what the holder said in advance happens when the time passes without a word",
        arguments: [
            (nil, 500, 500, 0), ("suspect", 500, 500, 0), ("post", 500, 0, 500),
            ("void", 0, 0, 0),
        ] as [(String?, Int64, Int64, Int64)])
    func expiry(onExpiry: String?, used: Int64, suspect: Int64, listed: Int64) async throws {
        let server = try await TestServer()
        let id = try await reserve(500, onExpiry: onExpiry, on: server)
            .string("reservation_id")
        server.clock.advance(by: .milliseconds(59_999))
        #expect(try await server.node.sweep().reservations == 0)
        #expect(try await server.admin.usage().limit(Self.tokens)?["held"] == 500)

        server.clock.advance(by: .milliseconds(1))
        #expect(try await server.node.sweep().reservations == 1)
        let limit = try #require(try await server.admin.usage().limit(Self.tokens))
        #expect(limit["used"]?.integerValue == used)
        #expect(limit["held"] == 0)
        #expect(limit["suspect"]?.integerValue == suspect)
        let day = try await server.admin.get("/api/admin/quota/usage?meter=ai_tokens")
        #expect(day["tenants", "acme"]?.integerValue ?? 0 == listed)
        #expect(try await server.admin.reservation(id).status == 200)
        #expect(try await server.node.sweep().reservations == 0)
    }

    @Test("suspect units come back only by a word, and a late settle is accepted")
    func lateSettle() async throws {
        let server = try await TestServer()
        let id = try await reserve(100_000, on: server).string("reservation_id")
        server.clock.advance(by: .seconds(3600))
        _ = try await server.node.sweep()
        #expect(try await server.admin.consume(1, "ai_tokens").status == 429)
        let settled = try await server.admin.settle(id, [.charge(300, "ai_tokens")])
        #expect(settled.status == 200)
        let limit = try #require(try await server.admin.usage().limit(Self.tokens))
        #expect(limit["used"] == 300)
        #expect(limit["suspect"] == 0)
    }

    @Test("suspect units can be voided late")
    func lateVoid() async throws {
        let server = try await TestServer()
        let id = try await reserve(500, on: server).string("reservation_id")
        server.clock.advance(by: .seconds(61))
        _ = try await server.node.sweep()
        #expect(try await server.admin.void(id).status == 200)
        #expect(try await server.admin.usage().used(Self.tokens) == 0)
    }

    @Test("a settle that comes late but before the sweep is as good as one in time")
    func lateBeforeSweep() async throws {
        let server = try await TestServer()
        let id = try await reserve(500, onExpiry: "void", on: server).string("reservation_id")
        server.clock.advance(by: .seconds(61))
        #expect(try await server.admin.settle(id, [.charge(7, "ai_tokens")]).status == 200)
        #expect(try await server.node.sweep().reservations == 0)
        #expect(try await server.admin.usage().used(Self.tokens) == 7)
    }

    @Test("use belongs to the period in which it was admitted, however late it settles")
    func straddling() async throws {
        let server = try await TestServer(at: "2026-11-30T23:59:59Z")
        let id = try await reserve(500, ttl: 86_400_000, on: server).string("reservation_id")
        server.clock.set(try #require(Timestamp("2026-12-01T00:10:00Z")))
        #expect(try await server.admin.consume(3, "ai_tokens").status == 200)
        #expect(try await server.admin.settle(id, [.charge(200, "ai_tokens")]).status == 200)
        #expect(try await server.admin.usage().used(Self.tokens) == 3)
        let path = "/api/admin/quota/usage?meter=ai_tokens&date_str="
        let old = try await server.admin.get(path + "2026-11-30")
        let new = try await server.admin.get(path + "2026-12-01")
        #expect(old["tenants", "acme"] == 200)
        #expect(new["tenants", "acme"] == 3)
    }
}
