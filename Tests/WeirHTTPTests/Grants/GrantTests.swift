import StrictJSON
import Testing

@Suite("units on top of a limit")
struct GrantTests {
    private static let path = "/api/admin/tenants/acme/grants"
    private static let tokens = "tenant:ai_tokens/month"

    private func grant(
        _ server: TestServer,
        _ units: Int64,
        _ more: JSONValue = [:],
        key: String? = nil
    ) async throws -> Reply {
        var body: JSONValue = [
            "meter": "ai_tokens", "window": "month", "units": .integer(units),
        ]
        for member in more.objectValue?.members ?? [] {
            body = body.with(member.name, member.value)
        }
        return try await server.admin.post(
            Self.path, body, headers: key.map { ["Idempotency-Key": $0] } ?? [:])
    }

    private func server() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return server
    }

    private func remaining(_ server: TestServer) async throws -> [JSONValue?] {
        try await server.admin.items(of: Self.path).map { $0["remaining"] }
    }

    @Test("a list of tenants has what was bought also when a new period began without use")
    func listed() async throws {
        let server = try await server()
        #expect(try await grant(server, 500, key: "a").status == 201)
        for instant in ["2026-12-02T00:00:00Z", "2027-02-02T00:00:00Z"] {
            try server.move(to: instant)
            try await server.settleDown()
            let listed = try await server.admin.items(of: "/api/admin/tenants?grants=true")
            let topUp = listed.first?["grants"]?.arrayValue?.first
            #expect(topUp?["id"] == "g_a", "\(instant): \(listed)")
            #expect(topUp?["remaining"] == 500, "\(instant): \(listed)")
        }
    }

    @Test("they drop a refusal at once, and last over the end of the period until they are used")
    func story() async throws {
        let server = try await server()
        _ = try await server.admin.consume(100_000, "ai_tokens")
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: Self.tokens)
        let made = try await grant(server, 500, ["reason": "bought"])
        #expect(made.status == 201, "\(made.text)")
        #expect(made["remaining"] == 500 && made["reason"] == "bought")
        #expect(made["kind"] == "top_up" && made["limit_id"] == .string(Self.tokens))
        let more = try await server.admin.consume(200, "ai_tokens")
        #expect(more.status == 200, "\(more.text)")
        #expect(more.limit(Self.tokens)?["limit"] == 100_500)
        #expect(try await remaining(server) == [300])
        try server.move(to: "2026-12-01T00:00:00Z")
        let december = try await server.admin.consume(100_250, "ai_tokens")
        #expect(december.status == 200, "\(december.text)")
        #expect(december.limit(Self.tokens)?["limit"] == 100_300)
        #expect(try await remaining(server) == [50])
        try server.move(to: "2027-01-01T00:00:00Z")
        _ = try await server.admin.consume(100_050, "ai_tokens")
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: Self.tokens)
        try server.move(to: "2027-02-01T00:00:00Z")
        let february = try await server.admin.consume(100_000, "ai_tokens")
        #expect(february.limit(Self.tokens)?["limit"] == 100_000)
    }

    @Test(
        "in a period that nothing was used of yet they are there, and can be revoked",
        arguments: TestServer.Store.allCases)
    func unusedPeriod(store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            _ = try await server.admin.createTenant(["id": "acme"])
            _ = try await grant(server, 500, key: "a")
            _ = try await grant(server, 70, key: "b")
            for instant in ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"] {
                try server.move(to: instant)
                #expect(try await remaining(server) == [500, 70], "at the boundary")
                try server.move(to: instant.replacing("01T00:00", with: "01T00:30"))
                try await server.settleDown()
                #expect(try await remaining(server) == [500, 70], "when the old period is closed")
            }
            let again = try await grant(server, 500, key: "a")
            #expect(again.header("Idempotency-Replayed") == "true", "\(again.text)")
            try server.move(to: "2027-02-01T00:00:00Z")
            #expect(try await server.admin.delete("\(Self.path)/g_a").status == 204)
            #expect(try await server.admin.usage().limit(Self.tokens)?["limit"] == 100_070)
            // What is only asked for opens nothing.
            try server.move(to: "2027-03-01T00:00:00Z")
            let periods = try await server.admin.periods(("ai_tokens", "month"))
            #expect(try await remaining(server).count >= 1)
            #expect(try await server.admin.periods(("ai_tokens", "month")) == periods)
        }
    }

    @Test("the same key grants once; another body with it is refused")
    func idempotency() async throws {
        let server = try await server()
        let first = try await grant(server, 500, key: "order-17")
        let second = try await grant(server, 500, key: "order-17")
        #expect(first.status == 201 && second.status == 201)
        #expect(first["id"] == "g_order-17" && second.text == first.text)
        #expect(first.header("Idempotency-Replayed") == nil)
        #expect(second.header("Idempotency-Replayed") == "true")
        expectProblem(try await grant(server, 501, key: "order-17"), 422)
        #expect(try await remaining(server) == [500])
        #expect(try await server.admin.usage().limit(Self.tokens)?["limit"] == 100_500)
        _ = try await grant(server, 500)
        _ = try await grant(server, 500)
        #expect(try await remaining(server).count == 3, "without a key each is new")
    }

    @Test("below priority 50 they are used before the limit's own units, the lowest first")
    func priority() async throws {
        let server = try await server()
        for (key, priority) in [("c", 51), ("b", 10), ("a", 20)] as [(String, Int64)] {
            let made = try await grant(
                server, 100, ["priority": .integer(priority)], key: key)
            #expect(made.status == 201, "\(made.text)")
        }
        // In the order of their ids: a, b, c.
        for (amount, left) in [
            (60, [100, 40, 100]), (60, [80, 0, 100]), (80, [0, 0, 100]),
            (100_000, [0, 0, 100]), (30, [0, 0, 70]),
        ] as [(Int64, [JSONValue?])] {
            let reply = try await server.admin.consume(amount, "ai_tokens")
            #expect(reply.status == 200, "\(reply.text)")
            #expect(try await remaining(server) == left, "after \(amount)")
        }
    }

    @Test("what is left is gone when they expire or are revoked; what was used stays used")
    func end() async throws {
        let server = try await server()
        let end = "2026-11-25T00:00:00Z"
        _ = try await grant(server, 500, ["expires_at": .string(end)], key: "a")
        _ = try await grant(server, 500, key: "b")
        _ = try await server.admin.consume(100_100, "ai_tokens")
        try server.moveBefore(end)
        #expect(try await server.admin.usage().limit(Self.tokens)?["remaining"] == 900)
        try server.move(to: end)
        let refused = try await server.admin.consume(501, "ai_tokens")
        expectRefusal(refused, by: Self.tokens)
        #expect(refused["denied_by", "available"] == 500)
        #expect(try await server.admin.delete("\(Self.path)/g_b").status == 204)
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: Self.tokens)
        #expect(try await server.admin.usage().used(Self.tokens) == 100_100)
        expectProblem(try await server.admin.delete("\(Self.path)/g_b"), 404)
        expectProblem(try await server.admin.delete("\(Self.path)/g_nothing"), 404)
        let audit = try await server.admin.audit("tenant=acme&action=grant.revoke")
        #expect(audit.count == 1)
    }

    @Test(
        "what can't be meant is refused where it stands",
        arguments: [
            (["units": 0], 422, "/units"), (["units": -5], 422, "/units"),
            (["units": "5"], 422, "/units"), (["meter": "gpu_hours"], 422, "/meter"),
            (["meter": "projects", "window": "none"], 422, "/window"),
            (["window": "minute"], 422, "/window"), (["window": "decade"], 422, "/window"),
            (["window": "year"], 409, nil), (["priority": 101], 422, "/priority"),
            (["expires_at": "2026-11-21T10:00:00.123Z"], 422, "/expires_at"),
            (["surprise": 1], 422, "/surprise"),
        ] as [(JSONValue, Int, String?)])
    func wrong(more: JSONValue, status: Int, pointer: String?) async throws {
        let server = try await server()
        expectProblem(try await grant(server, 5, more), status, pointer: pointer, "\(more)")
        #expect(try await remaining(server).isEmpty)
    }
}
