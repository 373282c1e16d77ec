import StrictJSON
import Testing

@Suite("consume")
struct ConsumeTests {
    private static let members = [
        "allowed", "as_of", "decision_id", "denied_by", "enforced", "key", "limits", "plan",
        "tenant", "warnings",
    ]
    private static let limitMembers = [
        "approaching", "exceeded", "held", "id", "limit", "meter", "mode", "remaining",
        "reset_at", "scope", "soft_limit", "source", "suspect", "unlimited", "used", "window",
    ]

    @Test("the answer has exactly the members of the specification")
    func everyMember() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(1200, "ai_tokens")
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "application/json")
        #expect(Reply.names(reply.json) == Self.members)
        #expect(reply["allowed"] == true)
        #expect(reply["enforced"] == true)
        #expect(reply.string("decision_id").hasPrefix("d_"))
        #expect(reply["tenant"] == "acme")
        #expect(reply["key"] == .null)
        #expect(reply["plan"] == "free")
        #expect(reply["as_of"] == "2026-11-21T10:00:00.123Z")
        #expect(reply["denied_by"] == .null)
        #expect(reply["warnings"] == [])
        #expect(reply["limits"]?.arrayValue?.count == 1)
    }

    @Test("a limit is shown as the specification shows it")
    func everyMemberOfALimit() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(1200, "ai_tokens")
        let limit = try #require(reply["limits", 0])
        #expect(Reply.names(limit) == Self.limitMembers)
        let expected: JSONValue = [
            "id": "tenant:ai_tokens/month", "meter": "ai_tokens", "scope": "tenant",
            "window": "month", "limit": 100_000, "used": 1200, "held": 0, "suspect": 0,
            "remaining": 98_800, "reset_at": "2026-12-01T00:00:00Z", "soft_limit": 80_000,
            "approaching": false, "exceeded": false, "unlimited": false, "source": "plan",
            "mode": "enforce",
        ]
        #expect(limit.canonicalBytes == expected.canonicalBytes, "\(limit)")
    }

    @Test("without charges, one call is charged")
    func defaultCharge() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(["tenant": "acme"])
        #expect(reply.status == 200)
        #expect(reply["limits"]?.arrayValue?.count == 1)
        #expect(reply.used("tenant:api_calls/month") == 1)
    }

    @Test("the same meter twice is summed, and shown once")
    func sameMeterTwice() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume([
            "tenant": "acme",
            "charges": [
                .charge(3, "ai_tokens"), .charge(1, "api_calls"), .charge(4, "ai_tokens"),
            ],
        ])
        #expect(reply.status == 200)
        #expect(reply["limits"]?.arrayValue?.count == 2)
        #expect(reply.used("tenant:ai_tokens/month") == 7)
        #expect(reply.used("tenant:api_calls/month") == 1)
    }

    @Test("the sum of a meter is bounded like one amount")
    func sumTooLarge() async throws {
        let server = try await TestServer()
        let most: Int64 = 9_007_199_254_740_991
        let reply = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(most, "ai_tokens"), .charge(1, "ai_tokens")],
        ])
        expectProblem(reply, 422)
        #expect(reply.string("pointer").hasPrefix("/charges/1"))
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") <= 0)
    }

    @Test("decision ids differ")
    func decisionIDs() async throws {
        let server = try await TestServer()
        let first = try await server.admin.consume(1, "api_calls")
        let second = try await server.admin.consume(1, "api_calls")
        #expect(first["decision_id"] != second["decision_id"])
    }

    @Test(
        "a limit is approached from its soft limit on, and exceeded when it is used up",
        arguments: [
            (799, false, false, 0), (800, true, false, 1), (999, true, false, 1),
            (1000, false, true, 0),
        ] as [(Int64, Bool, Bool, Int)])
    func softLimit(
        amount: Int64,
        isApproaching: Bool,
        isExceeded: Bool,
        warnings: Int
    ) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(amount, "api_calls")
        #expect(reply.status == 200)
        #expect(reply["limits", 0, "approaching"] == .bool(isApproaching))
        #expect(reply["limits", 0, "exceeded"] == .bool(isExceeded))
        #expect(reply["warnings"]?.arrayValue?.count ?? -1 >= warnings)
    }

    @Test(
        "an unknown meter and an allocation are refused where they stand",
        arguments: ["gpu_hours", "storage_gb", "team_members", "projects"])
    func meters(meter: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(1, "api_calls"), .charge(1, meter)],
        ])
        expectProblem(reply, 422, pointer: "/charges/1/meter")
        #expect(try await server.admin.usage().status == 404)
    }

    @Test("use under a named key is booked under it; without one under _service")
    func bookedKey() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let reply = try await server.admin.consume(1, "api_calls", key: key.id)
        #expect(reply.status == 200)
        #expect(reply["key"] == .string(key.id))
        let missing = try await server.admin.consume(1, "api_calls", key: "k_nobody")
        expectProblem(missing, 404)
        _ = try await server.admin.createTenant(["id": "globex"])
        let foreign = try await server.admin.consume(
            1, "api_calls", tenant: "globex", key: key.id)
        expectProblem(foreign, 404)
    }

    @Test("the admin token must say for which tenant")
    func tenantRequired() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.consume([:]), 422, pointer: "/tenant")
        expectProblem(try await server.admin.check(["tenant": nil]), 422, pointer: "/tenant")
    }
}
