import StrictJSON
import Testing

@Suite("limits of organizations")
struct OrganizationLimitTests {
    private static let tokens = "org:ai_tokens/month"
    private static let path = "/api/admin/organizations/corp"
    private static let members = ["a", "b", "c"]

    /// Three tenants of one organization with a budget, and one outside.
    private func server(_ limits: [JSONValue] = [.limit(1000, "ai_tokens", per: "month")])
        async throws -> TestServer
    {
        let server = try await TestServer()
        #expect(try await server.admin.put(Self.path, ["limits": .array(limits)]).status == 201)
        for id in Self.members {
            _ = try await server.admin.createTenant([
                "id": .string(id), "organization": "corp",
            ])
        }
        _ = try await server.admin.createTenant(["id": "outside"])
        return server
    }

    @Test("a decision shows the limit of the organization besides the tenant's own")
    func shown() async throws {
        let server = try await server()
        _ = try await server.admin.consume(300, "ai_tokens", tenant: "a")
        let reply = try await server.admin.consume(200, "ai_tokens", tenant: "b")
        #expect(reply.status == 200)
        #expect(reply.used("tenant:ai_tokens/month") == 200)
        #expect(reply.used(Self.tokens) == 500)
        let limit = try #require(reply.limit(Self.tokens))
        #expect(limit["scope"] == "org")
        #expect(limit["source"] == "plan")
        #expect(limit["limit"] == 1000)
        #expect(limit["remaining"] == 500)
        #expect(limit["reset_at"] == "2026-12-01T00:00:00Z")
        #expect(try await server.admin.usage("c").used(Self.tokens) == 500)
        let outside = try await server.admin.consume(1, "ai_tokens", tenant: "outside")
        #expect(outside.limit(Self.tokens) == nil)
    }

    @Test("exactly the limit passes over all its tenants, and nobody else is held up")
    func race() async throws {
        let server = try await server()
        let passed = try await withThrowingTaskGroup(of: [Int].self) { group in
            for index in 0..<240 {
                let tenant = (Self.members + ["outside"])[index % 4]
                group.addTask {
                    let reply = try await server.admin.consume(7, "ai_tokens", tenant: tenant)
                    return [index % 4, reply.status]
                }
            }
            return try await group.reduce(into: [[Int]]()) { $0.append($1) }
        }
        // 142 times 7 is 994; the next 7 do not fit.
        #expect(passed.count { $0[0] < 3 && $0[1] == 200 } == 142)
        #expect(passed.count { $0[0] < 3 && $0[1] == 429 } == 38)
        #expect(passed.count { $0[0] == 3 && $0[1] == 200 } == 60)
        let usage = try await server.admin.get(Self.path + "/usage")
        #expect(usage.used(Self.tokens) == 994)
        #expect(try await server.admin.consume(6, "ai_tokens", tenant: "a").status == 200)
        expectRefusal(
            try await server.admin.consume(1, "ai_tokens", tenant: "b"), by: Self.tokens)
        var sum: Int64 = 0
        for id in Self.members {
            sum += try await server.admin.usage(id).used("tenant:ai_tokens/month")
        }
        #expect(sum == 1000)
    }

    @Test("a refusal by either level charges neither")
    func allOrNothing() async throws {
        let server = try await server()
        expectRefusal(
            try await server.admin.consume(1001, "ai_tokens", tenant: "a"), by: Self.tokens)
        #expect(try await server.admin.usage("a").used("tenant:ai_tokens/month") == 0)
        _ = try await server.admin.override(["limit": 10], of: "a", on: "ai_tokens/month")
        expectRefusal(
            try await server.admin.consume(11, "ai_tokens", tenant: "a"),
            by: "tenant:ai_tokens/month")
        #expect(try await server.admin.get(Self.path + "/usage").used(Self.tokens) == 0)
        #expect(try await server.admin.consume(1000, "ai_tokens", tenant: "b").status == 200)
    }

    @Test("reservations hold and settle on both levels")
    func reservations() async throws {
        let server = try await server()
        let body = JSONValue.charging(900, "ai_tokens", tenant: "a")
        let id = try await server.admin.reserve(body).string("reservation_id")
        expectRefusal(
            try await server.admin.consume(101, "ai_tokens", tenant: "b"), by: Self.tokens)
        let held = try await server.admin.get(Self.path + "/usage")
        #expect(held.limit(Self.tokens)?["held"] == 900)
        _ = try await server.admin.settle(id, [.charge(100, "ai_tokens")])
        let usage = try await server.admin.get(Self.path + "/usage")
        #expect(usage.used(Self.tokens) == 100)
        #expect(usage.limit(Self.tokens)?["held"] == 0)
        #expect(try await server.admin.consume(900, "ai_tokens", tenant: "b").status == 200)
    }

    @Test("a changed limit holds at once, up and down")
    func change() async throws {
        let server = try await server()
        #expect(try await server.admin.consume(1000, "ai_tokens", tenant: "a").status == 200)
        let raised: JSONValue = ["limits": [.limit(1500, "ai_tokens", per: "month")]]
        #expect(try await server.admin.patch(Self.path, raised).status == 200)
        #expect(try await server.admin.consume(500, "ai_tokens", tenant: "b").status == 200)
        let lowered: JSONValue = ["limits": [.limit(100, "ai_tokens", per: "month")]]
        _ = try await server.admin.patch(Self.path, lowered)
        let refused = try await server.admin.consume(1, "ai_tokens", tenant: "c")
        expectRefusal(refused, by: Self.tokens)
        #expect(refused.used(Self.tokens) == 1500)
        #expect(refused.limit(Self.tokens)?["remaining"] == 0)
        _ = try await server.admin.patch(Self.path, ["limits": []])
        let free = try await server.admin.consume(5, "ai_tokens", tenant: "c")
        #expect(free.status == 200)
        #expect(free.limit(Self.tokens) == nil)
    }

    @Test("tenants join and leave, also an organization that does not exist yet")
    func membership() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "a", "organization": "corp"])
        let before = try await server.admin.consume(50, "ai_tokens", tenant: "a")
        #expect(before.status == 200)
        #expect(before["limits"]?.arrayValue?.count == 1)
        _ = try await server.admin.put(
            Self.path, ["limits": [.limit(100, "ai_tokens", per: "day")]])
        let limit = "org:ai_tokens/day"
        expectRefusal(try await server.admin.consume(101, "ai_tokens", tenant: "a"), by: limit)
        _ = try await server.admin.createTenant(["id": "b"])
        #expect(try await server.admin.consume(101, "ai_tokens", tenant: "b").status == 200)
        _ = try await server.admin.patchTenant("b", ["organization": "corp"])
        expectRefusal(try await server.admin.consume(101, "ai_tokens", tenant: "b"), by: limit)
        _ = try await server.admin.patchTenant("b", ["organization": nil])
        #expect(try await server.admin.consume(101, "ai_tokens", tenant: "b").status == 200)
    }

    @Test("its periods follow its own zone and anchor, not those of its tenants")
    func calendar() async throws {
        let server = try await server()
        let change: JSONValue = ["time_zone": "Africa/Lagos", "billing_anchor": "2026-01-25T00:00"]
        _ = try await server.admin.put(
            "/api/admin/organizations/lagos",
            change.with("limits", [.limit(10, "ai_tokens", per: "month")]))
        _ = try await server.admin.createTenant(["id": "d", "organization": "lagos"])
        let limit = "org:ai_tokens/month"
        let reply = try await server.admin.consume(10, "ai_tokens", tenant: "d")
        #expect(reply.limit(limit)?["reset_at"] == "2026-11-24T23:00:00Z")
        try server.moveBefore("2026-11-24T23:00:00Z")
        expectRefusal(try await server.admin.consume(1, "ai_tokens", tenant: "d"), by: limit)
        try server.move(to: "2026-11-24T23:00:00Z")
        let next = try await server.admin.consume(1, "ai_tokens", tenant: "d")
        #expect(next.used(limit) == 1)
        #expect(next.used("tenant:ai_tokens/month") == 11)
    }

    @Test("rates are shared too")
    func rates() async throws {
        let server = try await server([.limit(2, "api_calls", per: "minute")])
        #expect(try await server.admin.consume(1, "api_calls", tenant: "a").status == 200)
        #expect(try await server.admin.consume(1, "api_calls", tenant: "b").status == 200)
        expectRefusal(
            try await server.admin.consume(1, "api_calls", tenant: "c"),
            by: "org:api_calls/minute", reason: "rate_exceeded")
        #expect(try await server.admin.consume(1, "api_calls", tenant: "outside").status == 200)
        let usage = try await server.admin.get(Self.path + "/usage")
        #expect(Reply.names(usage.json) == ["allocations", "as_of", "limits", "organization"])
        #expect(usage["organization"] == "corp")
        #expect(usage.limit("org:api_calls/minute") != nil)
    }

    @Test("allocations are held by tenants: no organization, key or model has limits of them")
    func allocations() async throws {
        let server = try await server([])
        let limits: JSONValue = [.limit(3, "team_members", per: "none")]
        expectProblem(
            try await server.admin.patch(Self.path, ["limits": limits]), 422,
            pointer: "/limits/0/meter")
        expectProblem(
            try await server.admin.post(
                "/api/admin/keys", ["tenant": "a", "name": "k", "limits": limits]), 422,
            pointer: "/limits/0/meter")
        for scope in ["key", "model(m)"] {
            let limit: JSONValue = [
                "meter": "projects", "window": "none", "limit": 1, "scope": .string(scope),
            ]
            expectProblem(
                try await server.admin.put("/api/admin/plans/p", ["limits": [limit]]), 422,
                pointer: "/limits/0/meter")
        }
    }
}
