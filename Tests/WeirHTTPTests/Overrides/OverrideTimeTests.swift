import StrictJSON
import Testing

@Suite("overrides and time")
struct OverrideTimeTests {
    private static let calls = "tenant:api_calls/month"
    private static let path = "/api/admin/tenants/acme/overrides/api_calls/month"

    @Test("an override ends exactly at its instant")
    func expiry() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1000, "api_calls")
        let end = "2026-11-22T12:34:56.789Z"
        let put = try await server.admin.override([
            "limit": 5000, "expires_at": .string(end),
        ])
        #expect(put["expires_at"] == .string(end))
        #expect(try await server.admin.consume(1, "api_calls").status == 200)
        try server.moveBefore(end)
        let last = try await server.admin.consume(1, "api_calls")
        #expect(last.status == 200)
        #expect(last.limit(Self.calls)?["source"] == "override")
        #expect(try await server.admin.get(Self.path)["expired"] == false)
        try server.move(to: end)
        let over = try await server.admin.consume(1, "api_calls")
        expectRefusal(over, by: Self.calls)
        #expect(over.limit(Self.calls)?["source"] == "plan")
        #expect(over.limit(Self.calls)?["limit"] == 1000)
        #expect(over.used(Self.calls) == 1002)
        #expect(try await server.admin.check(["tenant": "acme"])["allowed"] == false)
        #expect(try await server.admin.usage().limit(Self.calls)?["source"] == "plan")
    }

    @Test("a lowering ends exactly at its instant too, whatever was refused before")
    func loweringEnds() async throws {
        let server = try await TestServer()
        let end = "2026-11-21T10:00:01Z"
        _ = try await server.admin.consume(10, "api_calls")
        _ = try await server.admin.override(["limit": 10, "expires_at": .string(end)])
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        try server.moveBefore(end)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        try server.move(to: end)
        #expect(try await server.admin.consume(1, "api_calls").status == 200)
    }

    @Test("a limit that only the override made is gone after it")
    func createdLimitEnds() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        let end = "2026-11-21T11:00:00Z"
        let body: JSONValue = ["limit": 1, "expires_at": .string(end)]
        _ = try await server.admin.override(body, on: "ai_tokens/day")
        _ = try await server.admin.override(body, on: "ai_tokens/minute")
        expectProblem(try await server.admin.consume(2, "ai_tokens"), 429)
        try server.move(to: end)
        let reply = try await server.admin.consume(2, "ai_tokens")
        #expect(reply.status == 200)
        #expect(reply["limits"]?.arrayValue?.count == 1)
        _ = try await server.admin.override(["limit": 5], on: "team_members/none")
        _ = try await server.admin.allocate(5)
        _ = try await server.admin.override(
            ["limit": 6, "expires_at": "2026-11-21T12:00:00Z"], on: "team_members/none")
        try server.moveBefore("2026-11-21T12:00:00Z")
        #expect(try await server.admin.allocate(1).status == 200)
        try server.move(to: "2026-11-21T12:00:00Z")
        expectRefusal(try await server.admin.allocate(1), by: "tenant:team_members/none")
        #expect(try await server.admin.usage().allocated("tenant:team_members/none") == 6)
    }

    @Test(
        "periods count the current one",
        arguments: [
            ("month", 1, "2026-12-01T00:00:00Z"), ("month", 2, "2027-01-01T00:00:00Z"),
            ("month", 1000, "2110-03-01T00:00:00Z"), ("day", 1, "2026-11-22T00:00:00Z"),
            ("day", 2, "2026-11-23T00:00:00Z"), ("week", 1, "2026-11-23T00:00:00Z"),
            ("year", 2, "2028-01-01T00:00:00Z"),
        ] as [(String, Int64, String)])
    func periods(window: String, count: Int64, end: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let limit = "api_calls/\(window)"
        let put = try await server.admin.override(
            ["limit": 3, "periods": .integer(count)], on: limit)
        #expect(put.status == 201)
        #expect(put["expires_at"] == .string(end))
        try server.moveBefore(end)
        expectRefusal(try await server.admin.consume(4, "api_calls"), by: "tenant:\(limit)")
        try server.move(to: end)
        #expect(try await server.admin.consume(4, "api_calls").status == 200)
    }

    @Test("periods are those of the tenant's anchor and zone")
    func anchoredPeriods() async throws {
        let server = try await TestServer(at: "2028-02-10T00:00:00Z")
        _ = try await server.admin.createTenant([
            "id": "acme", "time_zone": "Africa/Lagos", "billing_anchor": "2028-01-31T00:00",
        ])
        let one = try await server.admin.override(["limit": 3, "periods": 1])
        #expect(one["expires_at"] == "2028-02-28T23:00:00Z")
        let two = try await server.admin.override(["limit": 3, "periods": 2])
        #expect(two.status == 200)
        #expect(two["expires_at"] == "2028-03-30T23:00:00Z")
        #expect(try await server.admin.consume(3, "api_calls").status == 200)
        try server.move(to: "2028-02-28T23:00:00Z")
        #expect(try await server.admin.consume(3, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        try server.move(to: "2028-03-30T23:00:00Z")
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
    }

    @Test("an expired override can be put again")
    func again() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        _ = try await server.admin.override(["limit": 5, "expires_at": "2026-11-21T11:00:00Z"])
        try server.move(to: "2026-11-21T11:00:00Z")
        try await server.settleDown()
        let put = try await server.admin.override(["limit": 6])
        #expect([200, 201].contains(put.status))
        #expect(put["expires_at"] == .null)
        #expect(put["expired"] == false)
        #expect(try await server.admin.usage().limit(Self.calls)?["limit"] == 6)
    }

    @Test("one without an end outlives periods, and the sweep leaves it alone")
    func endless() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        _ = try await server.admin.override(["limit": 2])
        for instant in ["2026-12-01T00:00:00Z", "2027-06-01T00:00:00Z", "2030-01-01T00:00:00Z"] {
            try server.move(to: instant)
            try await server.settleDown()
            #expect(try await server.admin.consume(2, "api_calls").status == 200)
            expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        }
    }

    @Test("of overrides that are set at once and overlap, one stays")
    func race() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let statuses = try await atOnce(12) { index in
            try await server.admin.override([
                "limit": 7, "starts_at": .string("2031-01-\(index + 10)T00:00:00Z"),
                "expires_at": "2032-01-01T00:00:00Z",
            ])
        }
        .map(\.status)
        #expect(statuses.count { $0 == 201 } == 1, "\(statuses)")
        #expect(statuses.count { $0 == 422 } == 11, "\(statuses)")
        let kept = try await server.admin.items(of: "/api/admin/tenants/acme/overrides")
        #expect(kept.count == 1)
    }
}
