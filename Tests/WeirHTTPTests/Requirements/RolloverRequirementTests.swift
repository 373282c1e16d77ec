import StrictJSON
import Testing

/// Row B8: what is left of a period goes on into the next one.
@Suite("requirement B8")
struct RolloverRequirementTests {
    private static let id = "tenant:ai_tokens/month"

    /// A server with the tenant acme, whose 5,000,000 tokens a month carry over by `rollover`, in
    /// the first month.
    private func server(_ rollover: JSONValue) async throws -> TestServer {
        let server = try await TestServer(at: "2026-11-10T12:00:00Z")
        let limit = JSONValue.limit(5_000_000, "ai_tokens", per: "month")
            .with("rollover", rollover)
        #expect(try await server.admin.putPlan("growth", [limit]).status == 201)
        let tenant = try await server.admin.createTenant([
            "id": "acme", "plan": "growth", "time_zone": "Africa/Lagos", "currency": "NGN",
        ])
        #expect(tenant.status == 201)
        return server
    }

    private func november(_ server: TestServer) async throws -> JSONValue {
        try #require(
            try await server.admin.periods(("ai_tokens", "month"))
                .first { $0["start"] == "2026-10-31T23:00:00Z" })
    }

    @Test("B8: 30 percent of 5,000,000 used carries 3,500,000, and the total stops at 10,000,000")
    func exercise() async throws {
        let server = try await server(["cap": ["total": 10_000_000]])
        let first = try await server.admin.consume(1_500_000, "ai_tokens")
        #expect(first.limit(Self.id)?["limit"] == 5_000_000)
        try server.moveBefore("2026-11-30T23:00:00Z")
        #expect(try await server.admin.usage().limit(Self.id)?["limit"] == 5_000_000)
        try server.move(to: "2026-11-30T23:00:00Z")
        let second = try await server.admin.check(.charging(8_500_000, "ai_tokens"))
        #expect(second["allowed"] == true, "\(second.text)")
        #expect(second.limit(Self.id)?["limit"] == 8_500_000)
        #expect(second.limit(Self.id)?["remaining"] == 8_500_000)
        let over = try await server.admin.consume(8_500_001, "ai_tokens")
        expectRefusal(over, by: Self.id)
        #expect(over["denied_by", "available"] == 8_500_000)
        let archived = try await november(server)
        #expect(archived["used"] == 1_500_000)
        #expect(archived["carried"] == 3_500_000)
        let grants = try await server.admin.items(of: "/api/admin/tenants/acme/grants")
        #expect(grants.map { $0["kind"] } == ["carried"])
        #expect(grants.map { $0["remaining"] } == [3_500_000])
        // A month without use: 8,500,000 are left, and no more than 10,000,000 are there.
        try server.move(to: "2026-12-31T23:00:00Z")
        try await server.settleDown()
        let third = try await server.admin.consume(10_000_000, "ai_tokens")
        #expect(third.status == 200, "\(third.text)")
        #expect(third.limit(Self.id)?["limit"] == 10_000_000)
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: Self.id)
        // All is used, so that nothing is carried.
        try server.move(to: "2027-01-31T23:00:00Z")
        #expect(
            try await server.admin.consume(1, "ai_tokens").limit(Self.id)?["limit"] == 5_000_000)
    }

    @Test(
        "B8: what is carried is the least of the cap and what was unused; the rest expires",
        arguments: [
            (["cap": ["total": 10_000_000]], 3_500_000), (["cap": ["total": 7_000_000]], 2_000_000),
            (["cap": ["total": 5_000_000]], 0), (["cap": ["units": 1_000_000]], 1_000_000),
            (["cap": ["units": 3_500_001]], 3_500_000), (["cap": ["percent": 50]], 2_500_000),
            (["cap": nil], 3_500_000), (nil, 0),
        ] as [(JSONValue, Int64)])
    func caps(rollover: JSONValue, carried: Int64) async throws {
        let server = try await server(rollover)
        _ = try await server.admin.consume(1_500_000, "ai_tokens")
        try server.move(to: "2026-11-30T23:00:00Z")
        let whole = try await server.admin.consume(5_000_000 + carried, "ai_tokens")
        #expect(whole.status == 200, "\(whole.text)")
        #expect(whole.limit(Self.id)?["limit"] == .integer(5_000_000 + carried))
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: Self.id)
        try server.move(to: "2026-11-30T23:20:00Z")
        try await server.settleDown()
        let archived = try await november(server)
        #expect(archived["state"] == "closed")
        guard !rollover.isNull else { return }
        #expect(archived.integer("carried") == carried, "\(archived)")
        #expect(archived.integer("expired") == 3_500_000 - carried, "\(archived)")
    }

    @Test("B8: a first period in which nobody asks leaves all that it gave", arguments: 0...3)
    func untouched(way: Int) async throws {
        let server = try await TestServer(at: "2026-11-10T12:00:00Z")
        let carrying = JSONValue.limit(1_000, "ai_tokens", per: "month")
            .with("rollover", ["cap": ["total": 10_000], "max_age_periods": nil])
        #expect(try await server.admin.putPlan("growth", [carrying]).status == 201)
        let plain = JSONValue.limit(1_000, "ai_tokens", per: "month")
        #expect(try await server.admin.putPlan("plain", [plain]).status == 201)
        var (limit, key): (String, String?) = (Self.id, nil)
        switch way {
        case 0: _ = try await server.admin.createTenant(["id": "acme", "plan": "growth"])
        case 1:
            let reply = try await server.admin.importing(
                "tenants", [["id": "acme", "plan": "growth"]])
            #expect(reply["created"] == 1, "\(reply.text)")
        case 2:
            _ = try await server.admin.createTenant(["id": "acme", "plan": "plain"])
            _ = try await server.admin.patchTenant(
                "acme", ["plan": "growth", "plan_at": "now"])
        default:
            _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
            let made = try await server.admin.createKey(limits: [
                carrying.with("scope", "key")
            ])
            (limit, key) = ("key:ai_tokens/month", made.id)
        }
        try server.move(to: "2026-12-10T00:00:00Z")
        let december = try await server.admin.consume(1, "ai_tokens", key: key)
        #expect(december.limit(limit)?["limit"] == 2_000, "\(december.text)")
        // Months of silence after it leave theirs, too.
        try server.move(to: "2027-03-10T00:00:00Z")
        let march = try await server.admin.consume(1, "ai_tokens", key: key)
        #expect(march.limit(limit)?["limit"] == 4_999, "\(march.text)")
    }

    @Test("B8: months in which nobody asked keep what they had, whatever is changed later")
    func silentMonths() async throws {
        let ages: JSONValue = ["cap": nil, "max_age_periods": nil]
        func plan(_ server: TestServer, _ units: Int64, _ rollover: JSONValue) async throws {
            let limit = JSONValue.limit(units, "ai_tokens", per: "month")
                .with("rollover", rollover)
            let reply = try await server.admin.putPlan("a", [limit])
            #expect(reply.status < 300, "\(reply.text)")
        }
        typealias Change = (TestServer) async throws -> Void
        let override = "/api/admin/tenants/acme/overrides/ai_tokens/month"
        let changes: [(Int64, Change)] = [
            (8_000, { try await plan($0, 5_000, ages) }),
            (4_000, { try await plan($0, 1_000, nil) }),
            (
                4_000,
                { server in
                    // One generous day.
                    let made = try await server.admin.put(
                        override, ["limit": 9_000, "expires_at": "2027-02-11T00:00:00Z"])
                    #expect(made.status == 201, "\(made.text)")
                    let during = try await server.admin.check(.charging(1, "ai_tokens"))
                    #expect(during.limit(Self.id)?["limit"] == 12_000, "\(during.text)")
                    try server.move(to: "2027-02-12T00:00:00Z")
                }
            ),
            (
                3_500,
                { server in
                    _ = try await server.admin.putPlan(
                        "b", [.limit(500, "ai_tokens", per: "month")])
                    _ = try await server.admin.patchTenant(
                        "acme", ["plan": "b", "plan_at": "now"])
                    try server.move(to: "2027-02-10T00:00:00Z")
                }
            ),
        ]
        for (number, (expected, change)) in changes.enumerated() {
            let server = try await TestServer(at: "2026-11-01T00:00:00Z")
            try await plan(server, 1_000, ages)
            _ = try await server.admin.createTenant(["id": "acme", "plan": "a"])
            // The last one moves to the smaller plan as the month begins.
            try server.move(to: number == 3 ? "2027-02-01T00:00:00Z" : "2027-02-10T00:00:00Z")
            try await change(server)
            let after = try await server.admin.check(.charging(1, "ai_tokens"))
            #expect(
                after.limit(Self.id)?["limit"] == .integer(expected), "\(number): \(after.text)")
        }
    }

    /// What is decided for later of a tenant of plan a, that begins with November.
    enum Decision: CaseIterable {
        case overrideUntilJanuary, smallerPlan, trial, biggerPlan, otherPlanAndEdit
    }

    @Test(
        "B8: what was decided for a date holds from then on, also when nobody asks",
        arguments: Decision.allCases, ["tenant", "key"])
    func decidedDates(decision: Decision, scope: String) async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        func limit(_ units: Int64, carries: Bool) -> JSONValue {
            let limit = JSONValue.limit(units, "ai_tokens", per: "month", scope: scope)
            return carries
                ? limit.with("rollover", ["cap": nil, "max_age_periods": nil]) : limit
        }
        func put(_ plan: String, _ limits: JSONValue) async throws {
            let reply = try await server.admin.putPlan(plan, limits)
            #expect(reply.status < 300, "\(reply.text)")
        }
        func change(_ members: JSONValue) async throws {
            let reply = try await server.admin.patchTenant("acme", members)
            #expect(reply.status == 200, "\(reply.text)")
        }
        try await put("a", [limit(1_000, carries: true)])
        try await put("b", [limit(500, carries: false)])
        let isUnderB = decision == .trial || decision == .biggerPlan
        _ = try await server.admin.createTenant(["id": "acme", "plan": isUnderB ? "b" : "a"])
        let key = try await server.admin.createKey().id
        let february: JSONValue = "2027-02-01T00:00:00Z"
        let expected: Int64
        switch decision {
        case .overrideUntilJanuary:
            // An override is of the tenant's own limit, and no key's.
            guard scope == "tenant" else { return }
            let made = try await server.admin.put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                ["limit": 3_000, "expires_at": "2027-01-15T00:00:00Z"])
            #expect(made.status == 201, "\(made.text)")
            expected = 3_000 + 3_000 + 1_000 + 1_000
        case .smallerPlan:
            try await change(["scheduled_plan": ["plan": "b", "at": february]])
            expected = 3_000 + 500
        case .trial:
            try await change(["trial": ["plan": "a", "ends_at": "2027-01-01T00:00:00Z"]])
            // What was carried under a stays; b passes nothing of its own on.
            expected = 2_000 + 500
        case .biggerPlan:
            try await change(
                ["scheduled_plan": ["plan": "a", "at": "2026-12-01T00:00:00Z"]])
            expected = 3_000
        case .otherPlanAndEdit:
            try await change(["scheduled_plan": ["plan": "b", "at": february]])
            expected = 3_000 + 500
            try server.move(to: "2027-02-05T00:00:00Z")
            try await put("a", [])
            let gone = try await server.admin.delete("/api/admin/plans/a")
            #expect(gone.status == 204, "\(gone.text)")
        }
        try server.move(to: "2027-02-10T00:00:00Z")
        let reply = try await server.admin.check(.charging(1, "ai_tokens", key: key))
        #expect(
            reply.limit("\(scope):ai_tokens/month")?["limit"] == .integer(expected),
            "\(reply.text)")
        let use = try await server.admin.consume(.charging(expected, "ai_tokens", key: key))
        #expect(use.status == 200, "\(use.text)")
    }

    @Test("B8: keys that are older than what carries over for them begin with it")
    func oldKeys() async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        let carrying = JSONValue.limit(1_000, "ai_tokens", per: "month", scope: "key")
            .with("rollover", ["cap": nil, "max_age_periods": nil])
        _ = try await server.admin.putPlan("plain", [])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "plain"])
        let key = try await server.admin.createKey().id
        _ = try await server.admin.putPlan("plain", [carrying])
        try server.move(to: "2027-01-10T00:00:00Z")
        let reply = try await server.admin.check(.charging(1, "ai_tokens", key: key))
        #expect(reply.limit("key:ai_tokens/month")?["limit"] == 3_000, "\(reply.text)")
    }

    @Test("B8: what is still held at the boundary is not carried until it is given back")
    func held() async throws {
        let server = try await server(["cap": ["total": 10_000_000]])
        _ = try await server.admin.consume(1_500_000, "ai_tokens")
        try server.moveBefore("2026-11-30T23:00:00Z")
        let id = try await server.admin
            .reserve(JSONValue.charging(500_000, "ai_tokens").with("ttl_ms", 600_000))
            .string("reservation_id")
        try server.move(to: "2026-11-30T23:00:00Z")
        let early = try await server.admin.check(.charging(1, "ai_tokens"))
        // What is leased beside it comes back with its grant.
        let provisional = early.limit(Self.id)?["limit"]?.integerValue ?? -1
        #expect((5_000_000...8_000_000).contains(provisional), "\(early.text)")
        server.clock.advanceSeconds(60)
        #expect(try await server.admin.settle(id, [.charge(100_000, "ai_tokens")]).status == 200)
        try server.move(to: "2026-11-30T23:20:00Z")
        try await server.settleDown()
        let late = try await server.admin.check(.charging(1, "ai_tokens"))
        #expect(late.limit(Self.id)?["limit"] == 8_400_000)
        let archived = try await november(server)
        #expect(archived["used"] == 1_600_000)
        #expect(archived["carried"] == 3_400_000)
    }
}
