import StrictJSON
import Testing

/// Rows B1 to B3: what is counted, when somebody is warned, and what the default plans give.
@Suite("requirements B1 to B3")
struct MeterRequirementTests {
    /// Uses up one meter of the tenant acme, whose limit is `limit`.
    private func useUp(
        _ server: TestServer,
        _ meter: String,
        per window: String,
        limit: Int64
    ) async throws {
        let isAllocation = window == "none"
        let full =
            isAllocation
            ? try await server.admin.allocate(limit, meter)
            : try await server.admin.consume(limit, meter)
        #expect(full.status == 200, "\(meter): \(full.text)")
        try await expectFull(server, meter, per: window, limit: limit)
    }

    private func expectFull(
        _ server: TestServer,
        _ meter: String,
        per window: String,
        limit: Int64
    ) async throws {
        let refused =
            window == "none"
            ? try await server.admin.allocate(1, meter)
            : try await server.admin.consume(1, meter)
        expectRefusal(refused, by: "tenant:\(meter)/\(window)")
        #expect(refused.used("tenant:\(meter)/\(window)") == limit)
    }

    @Test("B1: counters are full again in the next period, allocations only when released")
    func fiveMeters() async throws {
        let server = try await TestServer()
        let counters: [(String, Int64)] = [("api_calls", 1_000), ("ai_tokens", 100_000)]
        let allocations: [(String, Int64)] = [
            ("storage_gb", 1), ("team_members", 3), ("projects", 2),
        ]
        for (meter, limit) in counters {
            try await useUp(server, meter, per: "month", limit: limit)
        }
        for (meter, limit) in allocations {
            try await useUp(server, meter, per: "none", limit: limit)
        }
        try server.move(to: "2026-12-01T00:00:00Z")
        for (meter, _) in counters {
            let reply = try await server.admin.consume(1, meter)
            #expect(reply.status == 200)
            #expect(reply.used("tenant:\(meter)/month") == 1)
        }
        for (meter, limit) in allocations {
            try await expectFull(server, meter, per: "none", limit: limit)
            #expect(try await server.admin.allocate(-1, meter).status == 200)
            let again = try await server.admin.allocate(1, meter)
            #expect(again.status == 200)
            #expect(again.used("tenant:\(meter)/none") == limit)
            #expect(again.limit("tenant:\(meter)/none")?["reset_at"] == .null)
            try await expectFull(server, meter, per: "none", limit: limit)
        }
    }

    @Test("B1: the five are there from the start, and an operator adds meters of both kinds")
    func ownMeters() async throws {
        let server = try await TestServer()
        func kinds() async throws -> [String: String] {
            let meters = try await server.admin.items(of: "/api/admin/meters")
            return Dictionary(
                uniqueKeysWithValues: meters.map { ($0.string("id"), $0.string("kind")) })
        }
        let builtIn = [
            "api_calls": "counter", "ai_tokens": "counter", "storage_gb": "allocation",
            "team_members": "allocation", "projects": "allocation",
        ]
        #expect(try await kinds().filter { builtIn[$0.key] != nil } == builtIn)
        expectProblem(try await server.admin.consume(1, "gpu_seconds"), 422)
        for (id, kind) in [("gpu_seconds", "counter"), ("gpus", "allocation")] {
            let made = try await server.admin.post(
                "/api/admin/meters", ["id": .string(id), "kind": .string(kind)])
            #expect(made.status == 201, "\(made.text)")
        }
        #expect(try await kinds()["gpu_seconds"] == "counter")
        #expect(try await kinds()["gpus"] == "allocation")
        let plan = try await server.admin.putPlan(
            "lab",
            [.limit(60, "gpu_seconds", per: "month"), .limit(4, "gpus", per: "none")])
        #expect(plan.status == 201, "\(plan.text)")
        _ = try await server.admin.createTenant(["id": "acme", "plan": "lab"])
        try await useUp(server, "gpu_seconds", per: "month", limit: 60)
        try await useUp(server, "gpus", per: "none", limit: 4)
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(60, "gpu_seconds").status == 200)
        try await expectFull(server, "gpus", per: "none", limit: 4)
    }

    @Test("B2: 80 percent of the hard limit is the soft one, which warns and does not refuse")
    func softLimit() async throws {
        let server = try await TestServer()
        let id = "tenant:ai_tokens/month"
        for (amount, approaching, exceeded) in [
            (79_999, false, false), (1, true, false), (19_999, true, false), (1, false, true),
        ] as [(Int64, Bool, Bool)] {
            let reply = try await server.admin.consume(amount, "ai_tokens")
            #expect(reply.status == 200)
            let limit = try #require(reply.limit(id))
            #expect(limit["soft_limit"] == 80_000)
            #expect(limit["approaching"] == .bool(approaching), "\(limit)")
            #expect(limit["exceeded"] == .bool(exceeded), "\(limit)")
        }
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: id)
    }

    @Test("B2: somebody is warned at 80 percent, at a percentage of one's own, or not at all")
    func warnings() async throws {
        let server = try await TestServer()
        let half = JSONValue.limit(1_000, "ai_tokens", per: "month").with("soft_percent", 50)
        let silent = JSONValue.limit(1_000, "api_calls", per: "month").with("warn", false)
        let usual = JSONValue.limit(10, "projects", per: "none")
        let plan = try await server.admin.putPlan("own", [half, silent, usual])
        #expect(plan.status == 201, "\(plan.text)")
        _ = try await server.admin.createTenant(["id": "acme", "plan": "own"])
        func told() async throws -> [String] {
            try await server.notifications()
                .filter { $0["type"] == "quota.threshold_reached" }
                .map {
                    "\($0["data"]?.string("limit_id") ?? "") \($0["data"]?["percent"] ?? .null)"
                }
        }
        let before = try await server.admin.consume([
            "tenant": "acme",
            "charges": [.charge(499, "ai_tokens"), .charge(799, "api_calls")],
        ])
        #expect(before.limit("tenant:ai_tokens/month")?["soft_limit"] == 500)
        #expect(before.limit("tenant:ai_tokens/month")?["approaching"] == false)
        _ = try await server.admin.allocate(7, "projects")
        #expect(try await told().isEmpty)
        _ = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(1, "ai_tokens"), .charge(1, "api_calls")],
        ])
        _ = try await server.admin.allocate(1, "projects")
        #expect(
            Set(try await told())
                == ["tenant:ai_tokens/month 50", "tenant:projects/none 80"])
        _ = try await server.admin.consume(200, "api_calls")
        #expect(try await told().count == 2, "the limit that warns of nothing")
    }

    /// The default plans: calls, tokens, storage, members and projects; nil is no limit.
    private static let plans: [(String, [Int64?])] = [
        ("free", [1_000, 100_000, 1, 3, 2]), ("starter", [50_000, 1_000_000, 10, 10, 10]),
        ("professional", [500_000, 10_000_000, 100, 50, 100]),
        ("pro", [500_000, 10_000_000, 100, 50, 100]), ("enterprise", [nil, nil, nil, nil, nil]),
    ]

    @Test("B3: the default plans give exactly what they say", arguments: plans)
    func defaultPlans(plan: String, quantities: [Int64?]) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": .string(plan)])
        let usage = try await server.admin.usage()
        #expect(usage["plan"] == .string(plan == "pro" ? "professional" : plan))
        let ids = [
            "tenant:api_calls/month", "tenant:ai_tokens/month", "tenant:storage_gb/none",
            "tenant:team_members/none", "tenant:projects/none",
        ]
        let shown =
            (usage["limits"]?.arrayValue ?? []) + (usage["allocations"]?.arrayValue ?? [])
        #expect(Set(shown.map { $0.string("id") }) == Set(ids), "no rate and nothing more")
        #expect(shown.count == 5)
        for (id, quantity) in zip(ids, quantities) {
            let limit = try #require(shown.first { $0.string("id") == id })
            #expect(limit["limit"] == quantity.map { .integer($0) } ?? .null, "\(id)")
            #expect(limit["remaining"] == quantity.map { .integer($0) } ?? .null, "\(id)")
            #expect(limit["unlimited"] == .bool(quantity == nil), "\(id)")
            let (meter, amount) = (limit.string("meter"), quantity ?? 1_000_000_000)
            let isAllocation = id.hasSuffix("/none")
            let whole =
                isAllocation
                ? try await server.admin.allocate(amount, meter)
                : try await server.admin.consume(amount, meter)
            #expect(whole.status == 200, "\(id): \(whole.text)")
            let more =
                isAllocation
                ? try await server.admin.allocate(1, meter)
                : try await server.admin.consume(1, meter)
            #expect(more.status == (quantity == nil ? 200 : 429), "\(id)")
            #expect(more.used(id) == amount + (quantity == nil ? 1 : 0), "metered all the same")
        }
    }

    @Test("B3: an unknown plan falls back to free, and says so")
    func unknownPlan() async throws {
        let server = try await TestServer()
        let known = try await server.admin.createTenant(["id": "globex", "plan": "starter"])
        #expect((known["warnings"]?.arrayValue ?? []).isEmpty)
        let tenant = try await server.admin.createTenant(["id": "acme", "plan": "platinum"])
        #expect(tenant.status == 201)
        #expect(tenant["warnings"]?.arrayValue?.isEmpty == false, "\(tenant.text)")
        let resolved = try await server.admin.get("/api/v1/plan?tenant=acme")
        #expect(resolved["plan"] == "free")
        #expect(resolved["named"] == "platinum")
        let first = try await server.admin.consume(1_000, "api_calls")
        #expect(first.status == 200)
        #expect(first["plan"] == "free")
        let warning = first["warnings", 0]?.stringValue ?? ""
        #expect(warning.contains("platinum"), "\(first.text)")
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/month")
        #expect(
            try await server.admin.consume(1, "api_calls", tenant: "globex")["warnings"] == [])
        // Also where a decision names it that creates its tenant.
        let created = try await server.admin.consume([
            "tenant": "initech", "plan": "gold", "charges": [.charge(1, "api_calls")],
        ])
        #expect(created["plan"] == "free")
        #expect(created["warnings", 0]?.stringValue?.contains("gold") == true, "\(created.text)")
        #expect(created.limit("tenant:api_calls/month")?["limit"] == 1_000)
    }
}
