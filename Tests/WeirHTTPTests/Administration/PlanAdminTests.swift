import StrictJSON
import Testing

@Suite("administration of plans")
struct PlanAdminTests {
    private static let meters = [
        "api_calls", "ai_tokens", "storage_gb", "team_members", "projects",
    ]

    @Test(
        "the default plans have the figures of the mission",
        arguments: [
            ("free", 1, [1000, 100_000, 1, 3, 2]),
            ("starter", 2, [50_000, 1_000_000, 10, 10, 10]),
            ("professional", 4, [500_000, 10_000_000, 100, 50, 100]),
            ("enterprise", 8, [nil, nil, nil, nil, nil]),
        ] as [(String, Int64, [Int64?])])
    func defaults(id: String, weight: Int64, quantities: [Int64?]) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.get("/api/admin/plans/\(id)")
        #expect(reply.status == 200)
        #expect(reply["id"] == .string(id))
        #expect(reply["weight"]?.integerValue == weight)
        let limits = reply["limits"]?.arrayValue ?? []
        #expect(limits.count == 5)
        for (meter, quantity) in zip(Self.meters, quantities) {
            let limit = limits.first { $0["meter"]?.stringValue == meter }
            #expect(limit?["limit"] == quantity.map { .number(JSONNumber($0)) } ?? .null)
            let isCounter = meter == "api_calls" || meter == "ai_tokens"
            #expect(limit?["window"] == (isCounter ? "month" : "none"))
            #expect(limit?["soft_percent"] == 80)
            #expect(limit?["warn"] == true)
            #expect(limit?["mode"] == "enforce")
            #expect(limit?["on_unavailable"] == "deny")
        }
    }

    @Test("pro is professional")
    func alias() async throws {
        let server = try await TestServer()
        let alias = try await server.admin.get("/api/admin/plans/pro")
        let plan = try await server.admin.get("/api/admin/plans/professional")
        #expect(alias.status == 200)
        #expect(alias.text == plan.text)
        let reply = try await server.admin.post("/api/admin/plans", ["id": "pro", "limits": []])
        expectProblem(reply, 409)
        _ = try await server.admin.put(
            "/api/admin/plans/pro",
            ["id": "pro", "limits": [.limit(7, "api_calls", per: "day")]])
        let changed = try await server.admin.consume(["tenant": "acme", "plan": "professional"])
        #expect(changed["limits", 0, "limit"] == 7)
    }

    @Test("PUT creates with 201 and replaces whole with 200; POST of an existing id is 409")
    func put() async throws {
        let server = try await TestServer()
        let body: JSONValue = [
            "id": "gold", "name": "Gold", "weight": 3,
            "limits": [
                [
                    "meter": "ai_tokens", "window": "month", "limit": 10_000_000,
                    "soft_percent": 80, "warn": true, "mode": "enforce",
                    "on_unavailable": "deny", "burst": nil,
                ]
            ],
        ]
        let created = try await server.admin.put("/api/admin/plans/gold", body)
        #expect(created.status == 201)
        #expect(created["limits", 0, "id"] == "tenant:ai_tokens/month")
        let replaced = try await server.admin.put(
            "/api/admin/plans/gold", ["limits": [.limit(1, "api_calls", per: "day")]])
        #expect(replaced.status == 200)
        #expect(replaced["limits"]?.arrayValue?.count == 1)
        let read = try await server.admin.get("/api/admin/plans/gold")
        #expect(read["limits", 0, "id"] == "tenant:api_calls/day")
        expectProblem(try await server.admin.post("/api/admin/plans", body), 409)
        let posted = try await server.admin.post("/api/admin/plans", ["id": "tin", "limits": []])
        #expect(posted.status == 201)
        expectProblem(try await server.admin.get("/api/admin/plans/copper"), 404)
    }

    @Test(
        "what GET shows can be PUT back and changes nothing",
        arguments: ["free", "professional", "enterprise", "mixed"])
    func roundTrip(id: String) async throws {
        let server = try await TestServer()
        let rate: JSONValue = [
            "meter": "api_calls", "window": "hour", "limit": 100, "burst": 7, "scope": "key",
            "on_unavailable": "allow_capped(5)", "soft_percent": 50, "warn": false,
            "mode": "shadow",
        ]
        _ = try await server.admin.putPlan(
            "mixed", [rate, .limit(9, "ai_tokens", per: "lifetime", model: "a}{b")])
        let before = try await server.admin.get("/api/admin/plans/\(id)")
        let put = try await server.admin.put("/api/admin/plans/\(id)", before.json)
        #expect(put.status == 200)
        let after = try await server.admin.get("/api/admin/plans/\(id)")
        #expect(after.text == before.text)
    }

    /// A limit that can't be, and the member that says so.
    static let wrongLimits: [(JSONValue, String)] = [
        (["window": "day", "limit": 1], "meter"),
        (["meter": "gpu_hours", "window": "day", "limit": 1], "meter"),
        (["meter": "api_calls", "limit": 1], "window"),
        (["meter": "api_calls", "window": "decade", "limit": 1], "window"),
        (["meter": "api_calls", "window": "none", "limit": 1], "window"),
        (["meter": "storage_gb", "window": "month", "limit": 1], "window"),
        (["meter": "api_calls", "window": "day"], "limit"),
        (["meter": "api_calls", "window": "day", "limit": -1], "limit"),
        (["meter": "api_calls", "window": "day", "limit": "5"], "limit"),
        (["meter": "api_calls", "window": "day", "limit": 9_007_199_254_740_992], "limit"),
        (["meter": "api_calls", "window": "minute", "limit": 1, "burst": 0], "burst"),
        (["meter": "api_calls", "window": "day", "limit": 1, "burst": 5], "burst"),
        (["meter": "api_calls", "window": "day", "limit": 1, "soft_percent": 0], "soft_percent"),
        (["meter": "api_calls", "window": "day", "limit": 1, "soft_percent": 101], "soft_percent"),
        (["meter": "api_calls", "window": "day", "limit": 1, "warn": "yes"], "warn"),
        (["meter": "api_calls", "window": "day", "limit": 1, "mode": "off"], "mode"),
        (
            ["meter": "api_calls", "window": "day", "limit": 1, "on_unavailable": "maybe"],
            "on_unavailable"
        ),
        (
            [
                "meter": "api_calls", "window": "day", "limit": 1,
                "on_unavailable": "allow_capped(-1)",
            ], "on_unavailable"
        ),
        (["meter": "api_calls", "window": "day", "limit": 1, "scope": "galaxy"], "scope"),
        (["meter": "api_calls", "window": "day", "limit": 1, "scope": "model()"], "scope"),
        (["meter": "api_calls", "window": "day", "limit": 1, "model": ""], "model"),
    ]

    @Test("a wrong limit is refused where it stands, in plans and in keys", arguments: wrongLimits)
    func wrongLimit(limit: JSONValue, name: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let limits: JSONValue = [.limit(1, "ai_tokens", per: "year"), limit]
        let plan = try await server.admin.putPlan("gold", limits)
        expectProblem(plan, 422, pointer: "/limits/1/\(name)")
        expectProblem(try await server.admin.get("/api/admin/plans/gold"), 404)
        let key = try await server.admin.post(
            "/api/admin/keys", ["tenant": "acme", "name": "x", "limits": limits])
        expectProblem(key, 422, pointer: "/limits/1/\(name)")
    }

    @Test("a plan needs its limits, an id that is one, and no limit twice")
    func wrongPlans() async throws {
        let server = try await TestServer()
        let twice: JSONValue = [
            .limit(1, "api_calls", per: "day"), .limit(2, "api_calls", per: "day"),
        ]
        expectProblem(try await server.admin.putPlan("gold", twice), 422, pointer: "/limits/1")
        expectProblem(
            try await server.admin.put("/api/admin/plans/gold", [:]), 422, pointer: "/limits")
        expectProblem(
            try await server.admin.put("/api/admin/plans/gold", ["id": "tin", "limits": []]),
            422, pointer: "/id")
        expectProblem(
            try await server.admin.put("/api/admin/plans/gold", ["weight": 0, "limits": []]),
            422, pointer: "/weight")
        expectProblem(
            try await server.admin.post("/api/admin/plans", ["limits": []]), 422, pointer: "/id")
        expectProblem(
            try await server.admin.put(
                "/api/admin/plans/\(String(repeating: "x", count: 257))", ["limits": []]), 422)
    }

    @Test("plans are listed page by page")
    func list() async throws {
        let server = try await TestServer()
        let first = try await server.admin.get("/api/admin/plans?limit=3")
        let cursor = first.string("next_cursor")
        let second = try await server.admin.get("/api/admin/plans?limit=3&cursor=\(cursor)")
        let found = ((first["items"]?.arrayValue ?? []) + (second["items"]?.arrayValue ?? []))
            .compactMap { $0["id"]?.stringValue }
        #expect(found.count == 4)
        #expect(Set(found) == ["free", "starter", "professional", "enterprise"])
        #expect(second["next_cursor"] == .null)
    }
}
