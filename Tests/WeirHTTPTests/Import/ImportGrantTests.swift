import StrictJSON
import Testing

@Suite("import of top-ups")
struct ImportGrantTests {
    private static let tokens = "tenant:ai_tokens/month"

    private func row(_ units: Int64, id: String = "g_order-9") -> JSONValue {
        [
            "tenant": "acme", "id": .string(id), "meter": "ai_tokens", "window": "month",
            "units": .integer(units), "priority": 40, "expires_at": "2027-06-01T00:00:00Z",
            "created_at": "2026-01-01T00:00:00Z", "reason": "bought",
        ]
    }

    private func shown(_ server: TestServer) async throws -> [JSONValue] {
        try await server.admin.items(of: "/api/admin/tenants?grants=true")
            .flatMap { $0["grants"]?.arrayValue ?? [] }
    }

    private func server() async throws -> TestServer {
        let server = try await TestServer()
        for id in ["acme", "globex"] {
            _ = try await server.admin.createTenant(["id": .string(id)])
        }
        return server
    }

    @Test("a top-up is granted once for its id, and used as here")
    func once() async throws {
        let server = try await server()
        let made = try await server.admin.importing("grants", [row(500)])
        #expect(made["created"] == 1 && made["failed"] == [], "\(made.text)")
        let admitted = try await server.admin.consume(100_200, "ai_tokens")
        #expect(admitted.status == 200, "\(admitted.text)")
        for units in [500, 300] as [Int64] {
            let again = try await server.admin.importing("grants", [row(units)])
            #expect(again["skipped"] == 1 && again["failed"] == [], "\(again.text)")
        }
        let limit = try await server.admin.usage().limit(Self.tokens)
        #expect(limit?["limit"] == 100_500)
        let audit = try await server.admin.audit("action=import.grants")
        #expect(audit.count == 1, "what is skipped is no change")
    }

    @Test("a list shows what is left now, and what was left when the period began")
    func shownWithTenants() async throws {
        let server = try await server()
        #expect(try await shown(server) == [])
        let first = try await server.admin.get("/api/admin/tenants?grants=true")
        #expect(first["items", 0, "grants"] == [])
        #expect(try await server.admin.get("/api/admin/tenants")["items", 0, "grants"] == nil)
        // Below 50 it is used before the plan's own units.
        _ = try await server.admin.importing("grants", [row(500)])
        _ = try await server.admin.consume(200, "ai_tokens")
        try server.move(to: "2026-12-01T00:00:00Z")
        _ = try await server.admin.consume(100, "ai_tokens")
        let expected: JSONValue = [
            "id": "g_order-9", "meter": "ai_tokens", "window": "month", "remaining": 200,
            "remaining_at_period_start": 300, "priority": 40,
            "expires_at": "2027-06-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z",
            "reason": "bought",
        ]
        #expect(try await shown(server).map(\.canonicalBytes) == [expected.canonicalBytes])
        _ = try await server.admin.consume(200, "ai_tokens")
        #expect(try await shown(server).map { $0["remaining"] } == [0])
        try server.move(to: "2027-01-01T00:00:00Z")
        #expect(try await shown(server) == [])
    }

    @Test("what can't be granted is said with its place")
    func failures() async throws {
        let server = try await server()
        let reply = try await server.admin.importing(
            "grants",
            [
                row(1, id: "carried/x"), row(0), row(1).with("tenant", "nobody"),
                row(1).with("expires_at", "2026-01-01T00:00:00Z"), row(1).with("meter", "gold"),
                row(1).with("window", "minute"), row(5),
                row(1).with("created_at", "2026-12-01T00:00:00Z"),
            ])
        #expect(reply["created"] == 1, "\(reply.text)")
        let details = (reply["failed"]?.arrayValue ?? []).map { $0.string("detail") }
        let starts = [
            "id must begin with g_", "units must be", "there is no tenant", "expires_at must lie",
            "meter \"gold\"", "window must be of a budget",
            "created_at must not lie",
        ]
        #expect(details.count == starts.count)
        for (detail, start) in zip(details, starts) {
            #expect(detail.hasPrefix(start), "\(detail)")
        }
    }
}
