import StrictJSON
import Testing

/// What is asked of a tenant's plan, in the forms in which it may be sent.
@Suite("what is asked of a plan")
struct PlanRequestTests {
    private static let end = "2026-12-05T00:00:00Z"
    private static let boundary = "2026-12-01T00:00:00Z"

    private func server(_ plan: String = "starter") async throws -> TestServer {
        let server = try await TestServer()
        let made = try await server.admin.createTenant(["id": "acme", "plan": .string(plan)])
        #expect(made.status == 201, "\(made.text)")
        return server
    }

    private func patch(_ server: TestServer, _ body: JSONValue) async throws -> Reply {
        let reply = try await server.admin.patchTenant("acme", body)
        #expect(reply.status == 200, "\(reply.text)")
        return reply
    }

    private func expectTrial(_ reply: Reply, after plan: String) {
        #expect(reply["plan"] == "professional", "\(reply.text)")
        #expect(reply["trial"] == ["plan": "professional", "ends_at": .string(Self.end)])
        #expect(
            reply["scheduled_plan"] == ["plan": .string(plan), "at": .string(Self.end)])
    }

    @Test("E1: a trial as it is shown makes the same trial, of a new tenant and of an old one")
    func shownTrial() async throws {
        let shown: JSONValue = [
            "plan": "professional",
            "trial": ["plan": "professional", "ends_at": .string(Self.end)],
            "scheduled_plan": ["plan": "starter", "at": .string(Self.end)],
        ]
        let server = try await server()
        expectTrial(
            try await server.admin.createTenant(shown.with("id", "globex")), after: "starter")
        expectTrial(try await patch(server, shown), after: "starter")
        // Sent back, it changes nothing.
        expectTrial(try await patch(server, shown), after: "starter")
        try server.move(to: Self.end)
        let after = try await server.admin.get("/api/admin/tenants/acme")
        #expect(after["plan"] == "starter")
        #expect(after["trial"] == .null)
    }

    @Test("E1: a plan that is asked for with a trial is the one after it, be it smaller")
    func planAndTrial() async throws {
        let server = try await server("professional")
        let trial: JSONValue = ["plan": "professional", "ends_at": .string(Self.end)]
        _ = try await patch(server, ["plan": "enterprise"])
        expectTrial(try await patch(server, ["plan": "free", "trial": trial]), after: "free")
        expectTrial(try await patch(server, ["plan": "starter", "trial": trial]), after: "starter")
    }

    @Test("E1: who buys what is tried keeps it", arguments: [nil, "now"] as [JSONValue])
    func boughtTrial(at when: JSONValue) async throws {
        let server = try await server()
        let trial: JSONValue = ["plan": "professional", "ends_at": .string(Self.end)]
        _ = try await patch(server, ["trial": trial])
        let body: JSONValue = ["plan": "professional"]
        let bought = try await patch(server, when.isNull ? body : body.with("plan_at", when))
        #expect(bought["trial"] == .null && bought["scheduled_plan"] == .null, "\(bought.text)")
        try server.move(to: Self.end)
        let after = try await server.admin.get("/api/admin/tenants/acme")
        #expect(after["plan"] == "professional", "\(after.text)")
    }

    @Test("E1: a plan that does not exist is as small as free, and is told of")
    func misspeltPlan() async throws {
        let server = try await server("professional")
        let later = try await patch(server, ["plan": "professionl"])
        #expect(later["plan"] == "professional")
        #expect(later["scheduled_plan", "plan"] == "professionl")
        #expect(later.text.contains("plan \\\"professionl\\\" does not exist"), "\(later.text)")
    }

    @Test(
        "E1: a plan that gives a key or a model less is smaller, too",
        arguments: [
            "key", "model(gpt-5)",
        ])
    func smallerScopes(scope: String) async throws {
        let server = try await TestServer()
        func put(_ plan: String, _ units: Int64) async throws {
            let limits: JSONValue = [.limit(units, "ai_tokens", per: "month", scope: scope)]
            #expect(try await server.admin.putPlan(plan, limits).status == 201)
        }
        try await put("large", 1_000)
        try await put("small", 999)
        _ = try await server.admin.createTenant(["id": "acme", "plan": "large"])
        let later = try await patch(server, ["plan": "small"])
        #expect(later["plan"] == "large")
        #expect(later["scheduled_plan", "plan"] == "small")
        _ = try await server.admin.createTenant(["id": "beta", "plan": "small"])
        let now = try await server.admin.patchTenant("beta", ["plan": "large"])
        #expect(now["plan"] == "large", "\(now.text)")
    }

    @Test("E1: a plan changes 128 times in 400 days and no more, so that each counts")
    func manyChanges() async throws {
        let server = try await server("starter")
        for number in 0..<128 {
            let plan: JSONValue = number.isMultiple(of: 2) ? "professional" : "starter"
            _ = try await patch(server, ["plan": plan, "plan_at": "now"])
            server.clock.advanceSeconds(1)
        }
        let body: JSONValue = ["plan": "professional", "plan_at": "now"]
        expectProblem(try await server.admin.patchTenant("acme", body), 422, pointer: "/plan")
        server.clock.advanceSeconds(401 * 86_400)
        _ = try await patch(server, body)
    }

    @Test("E1: no scheduled plan drops the one there was, not the plan that is asked for with it")
    func noScheduledPlan() async throws {
        let server = try await server()
        let smaller = try await patch(server, ["plan": "free", "scheduled_plan": nil])
        #expect(smaller["plan"] == "starter")
        #expect(smaller["scheduled_plan"] == ["plan": "free", "at": .string(Self.boundary)])
        #expect(try await patch(server, ["scheduled_plan": nil])["scheduled_plan"] == .null)
    }

    @Test("E1: a trial that ends now is over, also where a smaller plan is asked for with it")
    func endedTrial() async throws {
        let server = try await server()
        _ = try await patch(
            server, ["trial": ["plan": "professional", "ends_at": .string(Self.end)]])
        let ended = try await patch(server, ["plan": "free", "trial": nil])
        #expect(ended["plan"] == "starter")
        #expect(ended["trial"] == .null)
        #expect(ended["scheduled_plan"] == ["plan": "free", "at": .string(Self.boundary)])
    }

    @Test("E1: an import sets trials and what comes next, and the same one again changes nothing")
    func imported() async throws {
        let server = try await server("free")
        let items: [JSONValue] = [
            [
                "id": "acme", "plan": "professional",
                "trial": ["plan": "professional", "ends_at": .string(Self.end)],
                "scheduled_plan": ["plan": "starter", "at": .string(Self.end)],
            ],
            [
                "id": "globex", "plan": "starter",
                "scheduled_plan": ["plan": "free", "at": "2027-03-01T00:00:00Z"],
            ],
        ]
        for _ in 0..<2 {
            let reply = try await server.admin.importing("tenants", items, onConflict: "update")
            #expect(reply["failed"] == [], "\(reply.text)")
            expectTrial(try await server.admin.get("/api/admin/tenants/acme"), after: "starter")
            let other = try await server.admin.get("/api/admin/tenants/globex")
            #expect(other["plan"] == "starter")
            #expect(
                other["scheduled_plan"] == ["plan": "free", "at": "2027-03-01T00:00:00Z"])
        }
    }

    @Test("E2: an override that began elsewhere is taken over with its time")
    func override() async throws {
        let server = try await server()
        let begun: JSONValue = ["limit": 7, "starts_at": "2026-11-20T00:00:00Z"]
        expectProblem(try await server.admin.override(begun), 422, pointer: "/starts_at")
        expectProblem(
            try await server.admin.override(begun.with("created_at", "2026-11-20T12:00:00Z")), 422,
            pointer: "/starts_at")
        expectProblem(
            try await server.admin.override(begun.with("created_at", "2026-11-22T00:00:00Z")), 422,
            pointer: "/created_at")
        let put = try await server.admin.override(
            begun.with("created_at", "2026-11-19T00:00:00Z"))
        #expect(put.status == 201, "\(put.text)")
        #expect(put["created_at"] == "2026-11-19T00:00:00Z")
        #expect(try await server.admin.usage().limit("tenant:api_calls/month")?["limit"] == 7)
        // It holds without an end, so that no other can hold besides.
        expectProblem(try await server.admin.override(["limit": 8]), 422)
    }

    @Test("E2: overrides of one limit are shown and deleted by their start")
    func overridesByStart() async throws {
        let server = try await server()
        let start = "2026-12-24T00:00:00Z"
        _ = try await server.admin.override(["limit": 5, "expires_at": .string(start)])
        _ = try await server.admin.override(["limit": 6, "starts_at": .string(start)])
        let path = "/api/admin/tenants/acme/overrides/api_calls/month"
        #expect(try await server.admin.get(path)["limit"] == 5)
        #expect(try await server.admin.get(path + "?starts_at=\(start)")["limit"] == 6)
        func delete(_ start: String) async throws -> Reply {
            let body: JSONValue = ["starts_at": .string(start)]
            return try await server.admin.send("DELETE", path, bytes: body.encodedBytes)
        }
        expectProblem(try await delete("2026-12-25T00:00:00Z"), 404)
        #expect(try await delete(start).status == 204)
        #expect(try await server.admin.get(path + "?starts_at=\(start)").status == 404)
        #expect(try await server.admin.get(path)["limit"] == 5)
    }

    @Test("E1: who buys less than what is tried has it when the trial ends, not later")
    func buysLessWhileTrying() async throws {
        let server = try await server("free")
        let trial: JSONValue = ["plan": "professional", "ends_at": .string(Self.end)]
        _ = try await patch(server, ["trial": trial])
        expectTrial(try await patch(server, ["plan": "starter"]), after: "starter")
        let early = try await server.admin.patchTenant(
            "acme", ["scheduled_plan": ["plan": "free", "at": "2026-12-04T00:00:00Z"]])
        expectProblem(early, 422, pointer: "/scheduled_plan/at")
        try server.move(to: Self.end)
        #expect(try await server.admin.get("/api/admin/tenants/acme")["plan"] == "starter")
    }
}
