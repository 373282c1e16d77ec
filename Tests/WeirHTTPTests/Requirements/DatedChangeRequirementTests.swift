import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON
import Testing

/// Row B8: what is decided for a date, and what is not.
@Suite("requirement B8, dates")
struct DatedChangeRequirementTests {
    private static let id = "tenant:ai_tokens/month"
    private static let carrying: JSONValue = ["cap": nil, "max_age_periods": nil]

    private func limit(
        _ units: Int64, carries: Bool = true, scope: String = "tenant"
    ) -> JSONValue {
        let limit = JSONValue.limit(units, "ai_tokens", per: "month", scope: scope)
        return carries ? limit.with("rollover", Self.carrying) : limit
    }

    private func put(_ server: TestServer, _ plan: String, _ limits: JSONValue) async throws {
        let reply = try await server.admin.putPlan(plan, limits)
        #expect(reply.status < 300, "\(reply.text)")
    }

    private func patch(_ server: TestServer, _ members: JSONValue) async throws {
        let reply = try await server.admin.patchTenant("acme", members)
        #expect(reply.status == 200, "\(reply.text)")
    }

    /// How a tenant comes to have a limit that begins to carry in April.
    enum Past: CaseIterable {
        case used, unused, movedAndUsed, moved, misspelt, key, override
    }

    @Test("B8: a limit that begins to carry gives nothing of before", arguments: Past.allCases)
    func windfall(past: Past) async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        try await put(server, "p", past == .override ? [] : [limit(1_000, carries: false)])
        try await put(server, "q", [limit(1_000, carries: false)])
        try await put(server, "k", [limit(1_000, carries: false, scope: "key")])
        var (id, key, plan): (String, String?, String) = (Self.id, nil, "p")
        switch past {
        case .used, .unused:
            _ = try await server.admin.createTenant(["id": "acme", "plan": "p"])
        case .movedAndUsed, .moved:
            _ = try await server.admin.createTenant(["id": "acme", "plan": "q"])
            try server.move(to: "2026-11-02T00:00:00Z")
            try await patch(server, ["plan": "p", "plan_at": "now"])
        case .misspelt:
            plan = "later"
            _ = try await server.admin.createTenant(["id": "acme", "plan": "later"])
        case .key:
            plan = "k"
            _ = try await server.admin.createTenant(["id": "acme", "plan": "k"])
            (id, key) = ("key:ai_tokens/month", try await server.admin.createKey().id)
        case .override:
            _ = try await server.admin.createTenant(["id": "acme", "plan": "p"])
            let made = try await server.admin.put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month",
                ["limit": 1_000, "expires_at": "2026-12-15T00:00:00Z"])
            #expect(made.status == 201, "\(made.text)")
        }
        if [.used, .movedAndUsed, .misspelt, .key].contains(past) {
            _ = try await server.admin.consume(1, "ai_tokens", key: key)
        }
        try server.move(to: "2027-04-10T00:00:00Z")
        try await server.settleDown()
        try await put(server, plan, [limit(1_000, scope: past == .key ? "key" : "tenant")])
        let reply = try await server.admin.check(.charging(1, "ai_tokens", key: key))
        #expect(reply.limit(id)?["limit"] == 1_000, "\(reply.text)")
        // From then on it does.
        try server.move(to: "2027-05-10T00:00:00Z")
        let next = try await server.admin.check(.charging(1, "ai_tokens", key: key))
        #expect(next.limit(id)?["limit"] == 2_000, "\(next.text)")
    }

    @Test("B9: a limit that changes by its date is told of, be it that nobody asks")
    func tellsOfDates() async throws {
        let server = try await TestServer(at: "2026-11-05T00:00:00Z")
        try await put(server, "p", [limit(1_000, carries: false)])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "p"])
        let overrides: [JSONValue] = [
            ["limit": 2_000, "expires_at": "2026-11-10T00:00:00Z"],
            ["limit": 3_000, "starts_at": "2026-11-20T00:00:00Z"],
        ]
        for override in overrides {
            let made = try await server.admin.put(
                "/api/admin/tenants/acme/overrides/ai_tokens/month", override)
            #expect(made.status == 201, "\(made.text)")
        }
        #expect(try await server.admin.consume(1_500, "ai_tokens").status == 200)
        try await server.node.fold()
        func told() async throws -> [String] {
            try await server.settleDown()
            return try await server.admin.items(of: "/api/admin/notifications", pageSize: 9)
                .map { $0.string("type") }.filter { $0.hasPrefix("quota.") }
        }
        #expect(try await told() == [])
        try server.move(to: "2026-11-10T00:00:00Z")
        let used = ["quota.threshold_reached", "quota.exhausted"]
        #expect(try await told() == used)
        try server.move(to: "2026-11-20T00:00:00Z")
        #expect(try await told() == used + ["quota.recovered"])
    }

    @Test("B8: what was used under an override that ended is owed by nobody")
    func lawfulUse() async throws {
        let server = try await TestServer(at: "2026-11-05T00:00:00Z")
        try await put(
            server, "p",
            [limit(1_000, carries: false).with("rollover", ["cap": nil, "overage": "carry"])])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "p"])
        let made = try await server.admin.put(
            "/api/admin/tenants/acme/overrides/ai_tokens/month",
            ["limit": 5_000, "expires_at": "2026-11-10T00:00:00Z"])
        #expect(made.status == 201, "\(made.text)")
        #expect(try await server.admin.consume(4_000, "ai_tokens").status == 200)
        // What is only leased is no debt.
        try await server.node.fold()
        try server.move(to: "2026-11-20T00:00:00Z")
        #expect(try await server.admin.consume(1, "ai_tokens").status == 429)
        try server.move(to: "2026-12-01T00:00:00Z")
        let reply = try await server.admin.consume(1, "ai_tokens")
        #expect(reply.limit(Self.id)?["limit"] == 1_000, "\(reply.text)")
    }

    @Test("B8: an organization's limit that begins to carry gives nothing of before")
    func organizationWindfall() async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        try await put(server, "none", [])
        let made = try await server.admin.post(
            "/api/admin/organizations",
            ["id": "group", "name": "g", "limits": [limit(1_000, carries: false).without("scope")]])
        #expect(made.status == 201, "\(made.text)")
        _ = try await server.admin.createTenant([
            "id": "acme", "plan": "none", "organization": "group",
        ])
        _ = try await server.admin.consume(1, "ai_tokens")
        try server.move(to: "2027-04-10T00:00:00Z")
        try await server.settleDown()
        let changed = try await server.admin.patch(
            "/api/admin/organizations/group", ["limits": [limit(1_000).without("scope")]])
        #expect(changed.status == 200, "\(changed.text)")
        let reply = try await server.admin.check(.charging(1, "ai_tokens"))
        #expect(reply.limit("org:ai_tokens/month")?["limit"] == 1_000, "\(reply.text)")
    }

    @Test("B8: a change that was taken back has no effect", arguments: [false, true])
    func takenBack(asks: Bool) async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        try await put(server, "a", [limit(1_000)])
        try await put(server, "b", [limit(90_000)])
        try await put(server, "c", [])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "a"])
        try await patch(server, ["scheduled_plan": ["plan": "b", "at": "2026-11-20T00:00:00Z"]])
        try server.move(to: "2026-11-10T00:00:00Z")
        try await patch(server, ["plan": "c", "plan_at": "now"])
        try await patch(server, ["scheduled_plan": ["plan": "a", "at": "2026-12-01T00:00:00Z"]])
        if asks { _ = try await server.admin.consume(1, "ai_tokens") }
        try server.move(to: "2026-12-10T00:00:00Z")
        try await server.settleDown()
        let reply = try await server.admin.check(.charging(1, "ai_tokens"))
        // Without a bound in the end, November leaves nothing.
        #expect(reply.limit(Self.id)?["limit"] == 1_000, "\(reply.text)")
    }

    @Test("B8: a change of a key's limit that was taken back is not in its closed period")
    func keyTakenBack() async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        try await put(server, "a", [limit(1_000, carries: false, scope: "key")])
        try await put(server, "b", [limit(90_000, carries: false, scope: "key")])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "a"])
        let key = try await server.admin.createKey().id
        try await patch(server, ["scheduled_plan": ["plan": "b", "at": "2026-11-20T00:00:00Z"]])
        _ = try await server.admin.consume(1, "ai_tokens", key: key)
        try server.move(to: "2026-11-10T00:00:00Z")
        try await patch(server, ["scheduled_plan": nil])
        try server.move(to: "2026-12-10T00:00:00Z")
        try await server.settleDown()
        let archives = try await server.ledger.archives(of: TenantID(trusted: "acme"), limit: 99)
        let capacities = archives.map(\.record.account).filter { !$0.isUnlimited }
            .map(\.capacity)
        #expect(capacities == [1_000])
    }

    @Test("B8: keys that were idle keep nothing of a plan that carries no more")
    func keysOfAPlanThatStops() async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        try await put(server, "a", [limit(1_000, scope: "key")])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "a"])
        let key = try await server.admin.createKey().id
        try server.move(to: "2026-11-10T00:00:00Z")
        try await put(server, "a", [limit(1_000, carries: false, scope: "key")])
        try server.move(to: "2026-12-10T00:00:00Z")
        let reply = try await server.admin.check(.charging(1, "ai_tokens", key: key))
        #expect(reply.limit("key:ai_tokens/month")?["limit"] == 1_000, "\(reply.text)")
    }

    @Test(
        "B8: a top-up expires by the limit of its day, whoever asks when",
        arguments: [false, true], [true, false])
    func topUp(asks: Bool, grows: Bool) async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        let owing = limit(1_000).with("rollover", Self.carrying.with("overage", "carry"))
        try await put(server, "a", [owing])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "a"])
        let grant = try await server.admin.post(
            "/api/admin/tenants/acme/grants",
            [
                "meter": "ai_tokens", "window": "month", "units": 300,
                "expires_at": "2026-11-25T00:00:00Z",
            ])
        #expect(grant.status == 201, "\(grant.text)")
        let override = try await server.admin.put(
            "/api/admin/tenants/acme/overrides/ai_tokens/month",
            ["limit": grows ? 2_000 : 900, "starts_at": "2026-11-20T00:00:00Z"])
        #expect(override.status == 201, "\(override.text)")
        let use = try await server.admin.consume(grows ? 1_100 : 1_000, "ai_tokens")
        #expect(use.status == 200, "\(use.text)")
        try await server.settleDown()
        if asks {
            try server.move(to: "2026-11-21T00:00:00Z")
            try await patch(server, ["name": "x"])
        }
        try server.move(to: "2026-11-26T00:00:00Z")
        try await server.settleDown()
        try server.move(to: "2026-12-10T00:00:00Z")
        try await server.settleDown()
        let reply = try await server.admin.check(.charging(1, "ai_tokens"))
        // All 1,100 are of the 2,000; or 100 of the top-up, and 900 of the limit.
        #expect(reply.limit(Self.id)?["limit"] == (grows ? 2_900 : 900), "\(reply.text)")
    }

    @Test("B8: a top-up that expires in a period in which nobody asked yet is gone")
    func quietTopUp() async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        for carries in [false, true] {
            let id = carries ? "acme" : "beta"
            try await put(server, id, [limit(1_000, carries: carries)])
            _ = try await server.admin.createTenant(["id": .string(id), "plan": .string(id)])
            let grant = try await server.admin.post(
                "/api/admin/tenants/\(id)/grants",
                [
                    "meter": "ai_tokens", "window": "month", "units": 500,
                    "expires_at": "2026-12-10T00:00:00Z",
                ])
            #expect(grant.status == 201, "\(grant.text)")
        }
        try server.moveBefore("2026-12-10T00:00:00Z")
        for (id, units) in [("acme", 2_500), ("beta", 1_500)] {
            let reply = try await server.admin.check(.charging(1, "ai_tokens", tenant: id))
            #expect(reply.limit(Self.id)?["limit"] == .integer(Int64(units)), "\(reply.text)")
        }
        try server.move(to: "2026-12-10T00:00:00Z")
        for (id, units) in [("acme", Int64(2_000)), ("beta", 1_000)] {
            let reply = try await server.admin.check(.charging(1, "ai_tokens", tenant: id))
            #expect(reply.limit(Self.id)?["limit"] == .integer(units), "\(reply.text)")
            let over = try await server.admin.consume(units + 1, "ai_tokens", tenant: id)
            #expect(over.status == 429, "\(over.text)")
            let grants = try await server.admin.items(of: "/api/admin/tenants/\(id)/grants")
            #expect(!grants.contains { $0["kind"] == "top_up" && $0["expired"] == false })
            let whole = try await server.admin.consume(units, "ai_tokens", tenant: id)
            #expect(whole.status == 200, "\(whole.text)")
        }
    }

    @Test(
        "B8: a closed period says what a decided change of plan made of it",
        arguments: [("forfeit", 0, 2_000), ("cap", 100, 1_900), ("keep", 2_000, 0)]
            as [(String, Int64, Int64)])
    func archived(rule: String, carried: Int64, expired: Int64) async throws {
        let server = try await TestServer(at: "2026-11-01T00:00:00Z")
        let large = limit(2_000)
            .with("rollover", ["cap": nil, "on_plan_change": .string(rule)])
        try await put(server, "large", [large])
        try await put(
            server, "small", [limit(1_000).with("rollover", ["cap": ["units": 100]])])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "large"])
        try await patch(server, ["plan": "small"])
        try server.move(to: "2026-12-01T00:20:00Z")
        try await server.settleDown()
        let reply = try await server.admin.check(.charging(1, "ai_tokens"))
        #expect(reply.limit(Self.id)?["limit"] == .integer(1_000 + carried), "\(reply.text)")
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        let november = try #require(periods.first { $0["start"] == "2026-11-01T00:00:00Z" })
        #expect(november["carried"] == .integer(carried), "\(november)")
        #expect(november["expired"] == .integer(expired), "\(november)")
    }

    @Test("B7: a change of calendar holds from the next boundary on, also for what is unused")
    func unusedCalendar() async throws {
        let server = try await TestServer(at: "2026-11-20T00:00:00Z")
        try await put(server, "p", [limit(1_000, carries: false)])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "p"])
        func resets() async throws -> JSONValue? {
            try await server.admin.check(.charging(1, "ai_tokens")).limit(Self.id)?["reset_at"]
        }
        try await patch(server, ["billing_anchor": "2026-11-15T00:00"])
        #expect(try await resets() == "2026-12-01T00:00:00Z")
        try await patch(server, ["time_zone": "Africa/Lagos"])
        #expect(try await resets() == "2026-12-01T00:00:00Z")
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await resets() == "2026-12-14T23:00:00Z")
    }

    @Test("B6: a period that is over is closing while something of it is held")
    func closing() async throws {
        let server = try await TestServer(at: "2026-11-30T23:59:00Z")
        let held = try await server.admin.reserve([
            "tenant": "acme", "charges": [.charge(4, "ai_tokens")], "ttl_ms": 3_600_000,
        ])
        #expect(held.status == 201, "\(held.text)")
        try server.move(to: "2026-12-01T00:00:00Z")
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.map { $0["state"] } == ["closing"], "\(periods)")
    }

    @Test("B8: an imported tenant begins with nothing carried", arguments: [false, true])
    func imported(isDated: Bool) async throws {
        let server = try await TestServer(at: "2026-11-10T00:00:00Z")
        try await put(server, "a", [limit(1_000)])
        try await put(server, "t", [limit(1_000)])
        let tenant: JSONValue = ["id": "acme", "plan": "a", "created_at": "2025-01-01T00:00:00Z"]
        let dated = tenant.with(
            "scheduled_plan", ["plan": "t", "at": "2026-01-01T00:00:00Z"])
        let reply = try await server.admin.importing("tenants", [isDated ? dated : tenant])
        #expect(reply["created"] == 1, "\(reply.text)")
        let seen = try await server.admin.check(.charging(1, "ai_tokens"))
        #expect(seen.limit(Self.id)?["limit"] == 1_000, "\(seen.text)")
    }
}
