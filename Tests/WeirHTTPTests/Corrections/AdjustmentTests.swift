import StrictJSON
import Testing

@Suite("adjustments")
struct AdjustmentTests {
    private static let tokens = "tenant:ai_tokens/month"
    private static let path = "/api/admin/adjustments"

    /// A server with 600 tokens used.
    private func server() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.consume(600, "ai_tokens")
        return server
    }

    @Test("a credit lowers use, a debit raises it, and both say what is left")
    func bothSigns() async throws {
        let server = try await server()
        let credit = try await server.admin.adjust(-500, "ai_tokens")
        #expect(credit.status == 201)
        #expect(
            Reply.names(credit.json) == [
                "amount", "created_at", "id", "limits", "meter", "tenant",
            ])
        #expect(credit.string("id").hasPrefix("a_"))
        #expect(credit["tenant"] == "acme")
        #expect(credit["meter"] == "ai_tokens")
        #expect(credit["amount"] == -500)
        #expect(credit["created_at"] == "2026-11-21T10:00:00.123Z")
        #expect(credit.used(Self.tokens) == 100)
        #expect(try await server.admin.usage().used(Self.tokens) == 100)
        let debit = try await server.admin.adjust(30, "ai_tokens")
        #expect(debit.status == 201)
        #expect(debit["id"] != credit["id"])
        #expect(debit.used(Self.tokens) == 130)
        #expect(debit.limit(Self.tokens)?["remaining"] == 99_870)
        #expect(try await server.admin.consume(1, "ai_tokens").used(Self.tokens) == 131)
    }

    @Test("a credit opens a spent budget at once, by exactly its amount")
    func opens() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1000, "api_calls")
        expectRefusal(
            try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/month")
        _ = try await server.admin.adjust(-7, "api_calls")
        #expect(try await server.admin.consume(7, "api_calls").status == 200)
        expectRefusal(
            try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/month")
        _ = try await server.admin.adjust(-10, "api_calls")
        _ = try await server.admin.adjust(4, "api_calls")
        #expect(try await server.admin.consume(6, "api_calls").status == 200)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
    }

    @Test("a credit beyond what the longest budget has used is refused and changes nothing")
    func beyondUse() async throws {
        let server = try await server()
        for amount in [-601, -9_007_199_254_740_991] as [Int64] {
            expectProblem(
                try await server.admin.adjust(amount, "ai_tokens"), 422, pointer: "/amount")
        }
        #expect(try await server.admin.usage().used(Self.tokens) == 600)
        #expect(try await server.admin.adjust(-600, "ai_tokens").used(Self.tokens) == 0)
        expectProblem(try await server.admin.adjust(-1, "ai_tokens"), 422, pointer: "/amount")
    }

    @Test("in a short window a credit stops at zero")
    func shortWindow() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(500, "api_calls", per: "day"), .limit(1000, "api_calls", per: "month")])
        _ = try await server.admin.consume(400, "api_calls")
        try server.move(to: "2026-11-22T10:00:00Z")
        _ = try await server.admin.consume(30, "api_calls")
        let credit = try await server.admin.adjust(-100, "api_calls")
        #expect(credit.status == 201)
        #expect(credit.used("tenant:api_calls/day") == 0)
        #expect(credit.used("tenant:api_calls/month") == 330)
        #expect(try await server.admin.consume(500, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/day")
        expectProblem(try await server.admin.adjust(-831, "api_calls"), 422, pointer: "/amount")
        let usage = try await server.admin.usage()
        #expect(usage.used("tenant:api_calls/day") == 500)
        #expect(usage.used("tenant:api_calls/month") == 830)
    }

    @Test("the longest budget decides, also when a reset left it less than a short one")
    func afterReset() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(500, "api_calls", per: "day"), .limit(1000, "api_calls", per: "month")])
        _ = try await server.admin.consume(100, "api_calls")
        try server.move(to: "2026-11-21T11:00:00Z")
        _ = try await server.admin.reset("api_calls", "month")
        _ = try await server.admin.consume(20, "api_calls")
        expectProblem(try await server.admin.adjust(-50, "api_calls"), 422, pointer: "/amount")
        #expect(try await server.admin.adjust(-20, "api_calls").status == 201)
        let usage = try await server.admin.usage()
        #expect(usage.used("tenant:api_calls/month") == 0)
        #expect(usage.used("tenant:api_calls/day") == 100)
    }

    @Test("held and suspect units are not credited away")
    func held() async throws {
        let server = try await server()
        let reserved = try await server.admin.reserve(.charging(50, "ai_tokens"))
        expectProblem(try await server.admin.adjust(-601, "ai_tokens"), 422, pointer: "/amount")
        #expect(try await server.admin.adjust(-600, "ai_tokens").status == 201)
        let limit = try #require(try await server.admin.usage().limit(Self.tokens))
        #expect(limit["used"] == 50)
        #expect(limit["held"] == 50)
        let id = reserved.string("reservation_id")
        #expect(try await server.admin.settle(id, [.charge(20, "ai_tokens")]).status == 200)
        #expect(try await server.admin.usage().used(Self.tokens) == 20)
    }

    @Test("the sum of the events is the use, whatever was corrected")
    func conservation() async throws {
        let server = try await server()
        for amount in [-100, 25, -7, 300, -18] as [Int64] {
            #expect(try await server.admin.adjust(amount, "ai_tokens").status == 201)
            _ = try await server.admin.consume(10, "ai_tokens")
        }
        let used = try await server.admin.usage().used(Self.tokens)
        #expect(used == 850)
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.reduce(0) { $0 + $1.integer("units") } == used)
        let period = try #require(
            try await server.admin.periods(("ai_tokens", "month")).first)
        #expect(period.integer("posted") == used)
    }

    @Test("an unlimited budget is corrected too")
    func unlimited() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        _ = try await server.admin.consume(600, "ai_tokens")
        #expect(try await server.admin.adjust(-100, "ai_tokens").used(Self.tokens) == 500)
        expectProblem(try await server.admin.adjust(-501, "ai_tokens"), 422, pointer: "/amount")
    }

    @Test("a repeat under the same key is booked once")
    func idempotency() async throws {
        let server = try await server()
        let first = try await server.admin.adjust(-100, "ai_tokens", idempotencyKey: "c-1")
        let second = try await server.admin.adjust(-100, "ai_tokens", idempotencyKey: "c-1")
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(second["id"] == first["id"])
        #expect(first.header("Idempotency-Replayed") == nil)
        #expect(second.header("Idempotency-Replayed") == "true")
        #expect(try await server.admin.usage().used(Self.tokens) == 500)
        let other = try await server.admin.adjust(-50, "ai_tokens", idempotencyKey: "c-1")
        expectProblem(other, 422)
        let otherReason: JSONValue = [
            "tenant": "acme", "meter": "ai_tokens", "amount": -100, "reason": "another",
            "idempotency_key": "c-1",
        ]
        expectProblem(try await server.admin.post(Self.path, otherReason), 422)
        _ = try await server.admin.consume(5, "ai_tokens", tenant: "globex")
        let foreign = try await server.admin.adjust(
            -5, "ai_tokens", tenant: "globex", idempotencyKey: "c-1")
        #expect(foreign.status == 201)
        #expect(try await server.admin.usage().used(Self.tokens) == 500)
        #expect(try await server.admin.audit("action=adjustment.create").count == 2)
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ("meter", "team_members"), ("meter", "gpu_hours"), ("meter", nil), ("amount", nil),
            ("amount", 0), ("amount", "5"), ("amount", 9_007_199_254_740_992),
            ("amount", -9_007_199_254_740_992), ("tenant", nil), ("tenant", ""),
            ("idempotency_key", ""), ("key", "x"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await server()
        let body: JSONValue = ["tenant": "acme", "meter": "ai_tokens", "amount": -1]
        let reply = try await server.admin.post(Self.path, body.with(name, value))
        expectProblem(reply, 422, pointer: "/\(name)")
        #expect(try await server.admin.usage().used(Self.tokens) == 600)
    }

    @Test("a tenant that nobody knows is 404 and is not made")
    func unknownTenant() async throws {
        let server = try await server()
        expectProblem(try await server.admin.adjust(5, "ai_tokens", tenant: "nobody"), 404)
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody"), 404)
    }
}
