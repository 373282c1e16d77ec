import StrictJSON
import Testing

/// Rows E1 to E3: the plan, the limit and the questions of one tenant over its life.
@Suite("requirements E1 to E3")
struct OverrideRequirementTests {
    private static let path = "/api/admin/tenants/acme/overrides"

    @Test("E2: an override is listed, ends by itself, and says who wanted it and why")
    func override() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "starter"])
        let put = try await server.admin.override(
            [
                "limit": 250_000, "expires_at": "2026-11-25T00:00:00Z", "author": "ana",
                "reason": "launch week",
            ], on: "ai_tokens/month")
        #expect(put.status == 201, "\(put.text)")
        let limit = try await server.admin.get(
            "/api/v1/effective-limit?tenant=acme&meter=ai_tokens")
        #expect(limit["limit", "limit"] == 250_000)
        #expect(limit["limit", "source"] == "override")
        expectRefusal(
            try await server.admin.consume(250_001, "ai_tokens"), by: "tenant:ai_tokens/month")
        let listed = try await server.admin.items(of: Self.path)
        #expect(listed.map { $0["author"] } == ["ana"])
        #expect(listed.map { $0["reason"] } == ["launch week"])
        #expect(listed.map { $0["expired"] } == [false])
        let audit = try await server.admin.audit("tenant=acme&action=override.put")
        #expect(audit.map { $0["reason"] } == ["launch week"])
        try server.moveBefore("2026-11-25T00:00:00Z")
        #expect(try await server.admin.consume(250_001, "ai_tokens").status == 429)
        try server.move(to: "2026-11-25T00:00:00Z")
        let plan = try await server.admin.consume(250_001, "ai_tokens")
        #expect(plan.status == 200, "\(plan.text)")
        #expect(plan.limit("tenant:ai_tokens/month")?["limit"] == 1_000_000)
        #expect(plan.limit("tenant:ai_tokens/month")?["source"] == "plan")
        #expect(try await server.admin.items(of: Self.path).map { $0["expired"] } == [true])
    }

    @Test("E1, E3: a trial, an override and a top-up answer every question together")
    func questions() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "free"])
        func expectAnswers(_ plan: String, remaining: Int64, isNear: Bool = false) async throws {
            let resolved = try await server.admin.get("/api/v1/plan?tenant=acme")
            #expect(resolved.string("plan") == plan)
            let left = try await server.admin.get("/api/v1/remaining-tokens?tenant=acme")
            #expect(left["remaining"] == .integer(remaining), "\(left.text)")
            for (tokens, isAllowed) in [(remaining, true), (remaining + 1, false)] {
                let can = try await server.admin.get(
                    "/api/v1/can-generate?tenant=acme&tokens=\(tokens)")
                #expect(can["allowed"] == .bool(isAllowed), "\(tokens): \(can.text)")
            }
            let near = try await server.admin.get(
                "/api/v1/is-near-limit?tenant=acme&meter=ai_tokens")
            #expect(near["near"] == .bool(isNear), "\(near.text)")
        }
        try await expectAnswers("free", remaining: 100_000)
        let topUp = try await server.admin.post(
            "/api/admin/tenants/acme/grants",
            ["meter": "ai_tokens", "window": "month", "units": 500])
        #expect(topUp.status == 201, "\(topUp.text)")
        try await expectAnswers("free", remaining: 100_500)
        _ = try await server.admin.consume(90_500, "ai_tokens")
        try await expectAnswers("free", remaining: 10_000, isNear: true)
        _ = try await server.admin.override(
            ["limit": 200_000, "expires_at": "2026-11-22T00:00:00Z"], on: "ai_tokens/month")
        try await expectAnswers("free", remaining: 110_000)
        try server.move(to: "2026-11-22T00:00:00Z")
        try await expectAnswers("free", remaining: 10_000, isNear: true)
        try server.move(to: "2026-12-01T00:00:00Z")
        _ = try await server.admin.patchTenant(
            "acme", ["trial": ["plan": "starter", "ends_at": "2027-01-01T00:00:00Z"]])
        // In the first instant of the month a larger plan is prorated over all of it.
        try await expectAnswers("starter", remaining: 1_000_500)
        try server.move(to: "2027-01-01T00:00:00Z")
        try await expectAnswers("free", remaining: 100_500)
    }
}
