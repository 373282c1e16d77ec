import QuotaNode
import StrictJSON
import Testing

@Suite("tenants in decisions")
struct TenantTests {
    @Test("a tenant is created on the default plan by its first use")
    func created() async throws {
        let server = try await TestServer()
        #expect(try await server.admin.consume(1, "api_calls")["plan"] == "free")
        let tenant = try await server.admin.get("/api/admin/tenants/acme")
        #expect(tenant.status == 200)
        #expect(tenant["plan"] == "free")
        #expect(tenant["status"] == "active")
        #expect(tenant["time_zone"] == "UTC")
    }

    @Test("a tenant is created on the plan that its first use names, also by its alias")
    func namedPlan() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(["tenant": "acme", "plan": "pro"])
        #expect(reply["plan"] == "professional")
        #expect(reply["limits", 0, "limit"] == 500_000)
        #expect(reply["warnings"] == [])
        // The alias is the same plan, so nothing is ignored here.
        let again = try await server.admin.consume(["tenant": "acme", "plan": "professional"])
        #expect(again["warnings"] == [])
    }

    @Test("a plan named later is ignored with a warning")
    func ignoredPlan() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1, "api_calls")
        let reply = try await server.admin.consume(["tenant": "acme", "plan": "enterprise"])
        #expect(reply.status == 200)
        #expect(reply["plan"] == "free")
        #expect(reply["limits", 0, "limit"] == 1000)
        #expect(reply["warnings"]?.arrayValue?.count == 1)
    }

    @Test("a plan that does not exist falls back to free, with a warning each time")
    func unknownPlan() async throws {
        let server = try await TestServer()
        let first = try await server.admin.consume(["tenant": "acme", "plan": "platinum"])
        let second = try await server.admin.consume(["tenant": "acme"])
        let checked = try await server.admin.check(["tenant": "new", "plan": "platinum"])
        for reply in [first, second, checked] {
            #expect(reply.status == 200)
            #expect(reply["plan"] == "free")
            #expect(reply["limits", 0, "limit"] == 1000)
            #expect(reply["warnings", 0]?.stringValue?.contains("platinum") == true)
        }
    }

    @Test("an unlimited plan meters all the same")
    func unlimited() async throws {
        let server = try await TestServer()
        let most: Int64 = 9_007_199_254_740_991
        var body = JSONValue.charging(most, "ai_tokens").objectValue ?? JSONObject()
        body["plan"] = "enterprise"
        let reply = try await server.admin.consume(.object(body))
        #expect(reply.status == 200)
        let limit = try #require(reply["limits", 0])
        #expect(limit["id"] == "tenant:ai_tokens/month")
        #expect(limit["limit"] == .null)
        #expect(limit["remaining"] == .null)
        #expect(limit["unlimited"] == true)
        #expect(limit["soft_limit"] == .null)
        #expect(limit["exceeded"] == false)
        #expect(limit["approaching"] == false)
        #expect(limit["used"]?.integerValue == most)
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") == most)
    }

    @Test("a plan without a limit on a meter leaves it unlimited, and metered")
    func missingLimit() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(5, "api_calls", per: "day")])
        let reply = try await server.admin.consume(3, "ai_tokens")
        #expect(reply.status == 200)
        #expect(reply["limits", 0, "unlimited"] == true)
        #expect(reply["limits", 0, "used"] == 3)
    }

    @Test("without automatic creation an unknown tenant is 404")
    func noCreation() async throws {
        var settings = NodeSettings()
        settings.createsTenants = false
        let server = try await TestServer(settings: settings)
        expectProblem(try await server.admin.consume(["tenant": "acme"]), 404)
        expectProblem(try await server.admin.reserve(["tenant": "acme"]), 404)
        _ = try await server.admin.createTenant(["id": "acme"])
        #expect(try await server.admin.consume(["tenant": "acme"]).status == 200)
    }

    @Test("a suspended tenant is refused with 403 and charged nothing")
    func suspended() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "status": "suspended"])
        for reply in [
            try await server.admin.consume(["tenant": "acme"]),
            try await server.admin.reserve(["tenant": "acme"]),
        ] {
            expectProblem(reply, 403)
            #expect(reply["denied_by", "reason"] == "suspended")
        }
        let checked = try await server.admin.check(["tenant": "acme"])
        #expect(checked.status == 200)
        #expect(checked["allowed"] == false)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 0)
    }

    @Test("a raised plan holds at once")
    func raisedPlan() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1000, "api_calls")
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
        _ = try await server.admin.putPlan("free", [.limit(1500, "api_calls", per: "month")])
        let reply = try await server.admin.consume(500, "api_calls")
        #expect(reply.status == 200)
        #expect(reply["limits", 0, "limit"] == 1500)
        _ = try await server.admin.putPlan("free", [.limit(100, "api_calls", per: "month")])
        let lowered = try await server.admin.check(["tenant": "acme"])
        #expect(lowered["allowed"] == false)
        #expect(lowered["limits", 0, "remaining"] == 0)
        #expect(lowered["limits", 0, "used"] == 1500)
    }
}
