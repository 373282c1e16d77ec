import StrictJSON
import Testing

@Suite("changes of tenants")
struct TenantChangeTests {
    private static let calls = "tenant:api_calls/month"
    private static let path = "/api/admin/tenants/acme"
    private static let full: JSONValue = [
        "id": "acme", "name": "Acme", "plan": "starter", "organization": "corp",
        "time_zone": "Africa/Lagos", "billing_anchor": "2026-01-31T00:00",
        "billing_interval": "year", "status": "active", "currency": "NGN",
    ]

    private func expectMembers(
        _ reply: Reply,
        _ expected: JSONValue,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for name in Reply.names(expected) {
            #expect(
                reply.json[name] == expected[name], "\(name): \(reply.text)",
                sourceLocation: sourceLocation)
        }
    }

    @Test("PATCH changes what it names and leaves the rest; null is the default")
    func patch() async throws {
        let server = try await TestServer()
        let created = try await server.admin.createTenant(Self.full)
        #expect(created["created_at"] == "2026-11-21T10:00:00.123Z")
        try server.move(to: "2026-11-22T10:00:00Z")
        let renamed = try await server.admin.patchTenant("acme", ["name": "Acme & Sons"])
        #expect(renamed.status == 200)
        expectMembers(renamed, Self.full.with("name", "Acme & Sons"))
        #expect(renamed["created_at"] == created["created_at"])
        let cleared = try await server.admin.patchTenant(
            "acme",
            [
                "plan": nil, "plan_at": "now", "organization": nil, "time_zone": nil,
                "billing_interval": nil,
            ])
        #expect(cleared.status == 200)
        let expected: JSONValue = Self.full.with("name", "Acme & Sons").with("plan", "free")
            .with("organization", nil).with("time_zone", "UTC").with("billing_interval", "month")
        expectMembers(cleared, expected)
        expectMembers(try await server.admin.get(Self.path), expected)
        let unchanged = try await server.admin.patchTenant("acme", [:])
        #expect(unchanged.status == 200)
        expectMembers(unchanged, expected)
    }

    @Test("PUT replaces whole with 200 and creates with 201")
    func put() async throws {
        let server = try await TestServer()
        let created = try await server.admin.put(Self.path, Self.full)
        #expect(created.status == 201)
        expectMembers(created, Self.full)
        let replaced = try await server.admin.put(
            Self.path, ["name": "Acme", "plan_at": "now", "plan": nil])
        #expect(replaced.status == 200)
        expectMembers(
            replaced,
            [
                "id": "acme", "name": "Acme", "plan": "free", "organization": nil,
                "time_zone": "UTC", "billing_anchor": nil, "billing_interval": "month",
                "status": "active",
            ])
        #expect(replaced["created_at"] == created["created_at"])
        expectProblem(try await server.admin.createTenant(Self.full), 409)
    }

    @Test("what GET shows can be PUT and PATCHed back, and changes nothing")
    func roundTrip() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(Self.full.with("plan", "gone"))
        let before = try await server.admin.get(Self.path)
        #expect(before["warnings"]?.arrayValue?.isEmpty == false)
        #expect(try await server.admin.put(Self.path, before.json).status == 200)
        #expect(try await server.admin.get(Self.path).text == before.text)
        #expect(try await server.admin.patch(Self.path, before.json).status == 200)
        #expect(try await server.admin.get(Self.path).text == before.text)
    }

    @Test("an organization that does not exist is said, until it does")
    func unknownOrganization() async throws {
        let server = try await TestServer()
        let named: JSONValue = ["id": "acme", "organization": "holding"]
        let created = try await server.admin.createTenant(named)
        #expect(created.status == 201)
        #expect(created["warnings", 0]?.stringValue?.contains("holding") == true)
        let holding = try await server.admin.post(
            "/api/admin/organizations", ["id": "holding"])
        #expect(holding.status == 201)
        #expect(try await server.admin.get(Self.path)["warnings"] == [])
    }

    @Test("a tenant that nobody knows is 404, and is not made by a change")
    func unknown() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.patchTenant("acme", ["name": "x"]), 404)
        expectProblem(try await server.admin.delete(Self.path), 404)
        expectProblem(try await server.admin.get(Self.path), 404)
    }

    @Test(
        "wrong values are refused where they stand and change nothing",
        arguments: [
            ("time_zone", "Mars/Olympus"), ("time_zone", "../../etc/passwd"), ("time_zone", 5),
            ("billing_anchor", "2026-02-30T00:00"), ("billing_anchor", "2026-01-31T00:00Z"),
            ("billing_anchor", 31), ("billing_interval", "day"), ("currency", "ngn"),
            ("status", "asleep"), ("status", 1), ("name", ""), ("name", 5), ("plan", ""),
            ("plan", 5), ("organization", ""), ("organization", []), ("id", "globex"),
            ("colour", "red"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(Self.full)
        let before = try await server.admin.get(Self.path)
        let body = JSONValue.object(JSONObject()).with(name, value)
        expectProblem(try await server.admin.patch(Self.path, body), 422, pointer: "/\(name)")
        expectProblem(try await server.admin.put(Self.path, body), 422, pointer: "/\(name)")
        #expect(try await server.admin.get(Self.path).text == before.text)
    }

    @Test("B7: a larger plan holds at once, prorated; a smaller one at the boundary, or now")
    func plan() async throws {
        let server = try await TestServer()
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        _ = try await server.admin.patchTenant("acme", ["plan": "starter"])
        let raised = try await server.admin.consume(500, "api_calls")
        #expect(raised.status == 200)
        #expect(raised["plan"] == "starter")
        // The 49,000 more for 9 days and 14 hours of 30 days.
        #expect(raised.limit(Self.calls)?["limit"] == 16_652)
        #expect(raised.used(Self.calls) == 1500)
        let later = try await server.admin.patchTenant("acme", ["plan": "free"])
        #expect(later["plan"] == "starter")
        #expect(
            later["scheduled_plan"] == ["plan": "free", "at": "2026-12-01T00:00:00Z"])
        #expect(try await server.admin.consume(1, "api_calls")["plan"] == "starter")
        let kept = try await server.admin.patchTenant("acme", ["plan": "starter"])
        #expect(kept["scheduled_plan"] == .null)
        let now = try await server.admin.patchTenant("acme", ["plan": "free", "plan_at": "now"])
        #expect(now["plan"] == "free" && now["scheduled_plan"] == .null)
        let lowered = try await server.admin.consume(1, "api_calls")
        expectRefusal(lowered, by: Self.calls)
        #expect(lowered.used(Self.calls) == 1501)
        #expect(lowered.limit(Self.calls)?["limit"] == 1_000)
        #expect(lowered.limit(Self.calls)?["remaining"] == 0)
        _ = try await server.admin.patchTenant("acme", ["plan": "enterprise"])
        let unlimited = try await server.admin.consume(1_000_000, "api_calls")
        #expect(unlimited.status == 200)
        #expect(unlimited.limit(Self.calls)?["unlimited"] == true)
        #expect(unlimited.used(Self.calls) == 1_001_501)
        _ = try await server.admin.patchTenant("acme", ["plan": "pro", "plan_at": "now"])
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(500_000, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
    }

    @Test("a plan that was left counts as it was, be it edited or deleted later")
    func leftPlan() async throws {
        let server = try await TestServer()
        func put(_ calls: JSONValue) async throws {
            let limit: JSONValue = ["meter": "api_calls", "window": "month", "limit": calls]
            let reply = try await server.admin.putPlan("small", [limit])
            #expect(reply.status < 300, "\(reply.text)")
        }
        func limit() async throws -> JSONValue? {
            try await server.admin.check(.charging(1, "api_calls", tenant: "acme"))
                .limit(Self.calls)?["limit"]
        }
        try await put(3_000)
        _ = try await server.admin.createTenant(["id": "acme", "plan": "small"])
        #expect(try await limit() == 3_000)
        _ = try await server.admin.patchTenant("acme", ["plan": "starter", "plan_at": "now"])
        // The 47,000 more for 9 days and 14 hours of 30 days.
        #expect(try await limit() == 18_013)
        try await put(30_000)
        #expect(try await limit() == 18_013)
        let gone = try await server.admin.delete("/api/admin/plans/small")
        #expect(gone.status == 204, "\(gone.text)")
        #expect(try await limit() == 18_013)
        // What is written anew remembers it, too.
        _ = try await server.admin.patchTenant("acme", ["name": "Acme"])
        #expect(try await limit() == 18_013)
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await limit() == 50_000)
    }

    @Test("what a change later on counts with stays when something else is changed")
    func decidedLater() async throws {
        let server = try await TestServer()
        func put(_ plan: String, _ calls: Int64) async throws {
            let limit = JSONValue.limit(calls, "api_calls", per: "month")
            #expect(try await server.admin.putPlan(plan, [limit]).status < 300)
        }
        try await put("b", 3_000)
        try await put("c", 30_000)
        for id in ["n1", "n2"] {
            _ = try await server.admin.createTenant(["id": .string(id), "plan": "b"])
            _ = try await server.admin.patchTenant(
                id, ["scheduled_plan": ["plan": "c", "at": "2026-11-26T00:00:00Z"]])
        }
        try await put("b", 9_000)
        _ = try await server.admin.patchTenant("n2", ["name": "Renamed"])
        try server.move(to: "2026-11-26T00:00:00Z")
        for id in ["n1", "n2"] {
            let reply = try await server.admin.check(.charging(1, "api_calls", tenant: id))
            // The 27,000 more for 5 days of 30.
            #expect(reply.limit(Self.calls)?["limit"] == 7_500, "\(id): \(reply.text)")
        }
    }

    @Test("a change of zone takes effect at the next boundary, where the next period begins")
    func zone() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(600, "api_calls")
        _ = try await server.admin.patchTenant("acme", ["time_zone": "America/New_York"])
        let now = try await server.admin.consume(1, "api_calls")
        #expect(now.used(Self.calls) == 601)
        #expect(now.limit(Self.calls)?["reset_at"] == "2026-12-01T00:00:00Z")
        try server.moveBefore("2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(1, "api_calls").used(Self.calls) == 602)
        try server.move(to: "2026-12-01T00:00:00Z")
        let next = try await server.admin.consume(1, "api_calls")
        #expect(next.used(Self.calls) == 1)
        let resets = next.limit(Self.calls)?["reset_at"]
        // From the old boundary to the first of the new zone, of this month or the next.
        #expect(["2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z"].contains(resets?.stringValue))
    }

    @Test("a change of anchor takes effect at the next boundary and loses no use")
    func anchor() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(600, "api_calls")
        _ = try await server.admin.patchTenant("acme", ["billing_anchor": "2026-01-15T00:00"])
        let now = try await server.admin.consume(1, "api_calls")
        #expect(now.used(Self.calls) == 601)
        #expect(now.limit(Self.calls)?["reset_at"] == "2026-12-01T00:00:00Z")
        try server.move(to: "2026-12-01T00:00:00Z")
        let next = try await server.admin.consume(1, "api_calls")
        #expect(next.used(Self.calls) == 1)
        #expect(next.limit(Self.calls)?["reset_at"] == "2026-12-15T00:00:00Z")
        try server.move(to: "2026-12-15T00:00:00Z")
        let regular = try await server.admin.consume(1, "api_calls")
        #expect(regular.used(Self.calls) == 1)
        #expect(regular.limit(Self.calls)?["reset_at"] == "2027-01-15T00:00:00Z")
    }
}
