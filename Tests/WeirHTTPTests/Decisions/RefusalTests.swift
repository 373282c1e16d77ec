import QuotaModel
import StrictJSON
import Testing

@Suite("refusals")
struct RefusalTests {
    private static let members = [
        "allowed", "as_of", "decision_id", "denied_by", "detail", "enforced", "key", "limits",
        "plan", "status", "tenant", "title", "type", "violated-policies", "warnings",
    ]

    /// A tenant with 1,000 tokens left.
    private func almostSpent() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.consume(99_000, "ai_tokens")
        return server
    }

    @Test("a refusal has the members of a decision and of a problem")
    func everyMember() async throws {
        let server = try await almostSpent()
        let reply = try await server.admin.consume(1200, "ai_tokens")
        expectRefusal(reply, by: "tenant:ai_tokens/month")
        #expect(Reply.names(reply.json) == Self.members)
        #expect(
            reply["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded")
        #expect(reply["violated-policies"] == ["tenant:ai_tokens/month"])
        #expect(reply["enforced"] == true)
        #expect(reply["limits", 0, "used"] == 99_000)
    }

    @Test("denied_by says what was asked, what there was, when to retry and what would lift it")
    func deniedBy() async throws {
        let server = try await almostSpent()
        let reply = try await server.admin.consume(1200, "ai_tokens")
        let expected: JSONValue = [
            "id": "tenant:ai_tokens/month", "requested": 1200, "available": 1000,
            // From 2026-11-21T10:00:00.123Z to 2026-12-01T00:00:00Z.
            "retry_after_ms": 827_999_877, "reason": "quota_exceeded",
            "upgrade": ["plan": "starter", "limit": 1_000_000],
        ]
        let found = try #require(reply["denied_by"])
        #expect(found.canonicalBytes == expected.canonicalBytes, "\(found)")
    }

    @Test("Retry-After is not earlier than the t of the limit that refused")
    func retryAfter() async throws {
        let server = try await almostSpent()
        let reply = try await server.admin.consume(1200, "ai_tokens")
        let seconds = try #require(reply.header("Retry-After").flatMap { Int64($0) })
        #expect(seconds == 828_000)
        let items = RateLimitItem.list(reply.header("RateLimit"))
        let item = try #require(items.first { $0.name == "tenant:ai_tokens/month" })
        #expect(seconds >= item.parameters["t"] ?? .max)
    }

    @Test(
        "the upgrade is the smallest plan that would do",
        arguments: [
            ("free", 1_001, "starter"), ("starter", 50_001, "professional"),
            ("professional", 500_001, "enterprise"), ("free", 50_001, "professional"),
        ] as [(String, Int64, String)])
    func upgrade(plan: String, amount: Int64, expected: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": .string(plan)])
        let reply = try await server.admin.consume(amount, "api_calls")
        #expect(reply.status == 429)
        #expect(reply["denied_by", "upgrade", "plan"] == .string(expected))
        let isUnlimited = expected == "enterprise"
        #expect((reply["denied_by", "upgrade", "limit"] == .null) == isUnlimited)
    }

    @Test("more than a whole period holds is refused without a time to retry")
    func neverFits() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.consume(100_001, "ai_tokens")
        expectRefusal(reply, by: "tenant:ai_tokens/month")
        #expect(reply["denied_by", "retry_after_ms"] == .null)
        #expect(reply.header("Retry-After") == nil)
    }

    @Test("a refused request changes nothing, however often it comes")
    func chargesNothing() async throws {
        let server = try await almostSpent()
        let before = try await server.admin.usage()
        for _ in 0..<5 {
            let reply = try await server.admin.consume(1200, "ai_tokens")
            #expect(reply.status == 429)
        }
        let after = try await server.admin.usage()
        #expect(before["limits"] == after["limits"])
        #expect(try await server.admin.consume(1000, "ai_tokens").status == 200)
    }

    @Test("of two requests for the last unit exactly one passes")
    func lastUnit() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(999, "api_calls")
        async let first = server.admin.consume(1, "api_calls")
        async let second = server.admin.consume(1, "api_calls")
        #expect(try await [first.status, second.status].sorted() == [200, 429])
    }

    @Test("several limits are violated together: all are named, the slowest is the reason")
    func severalLimits() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(2, "api_calls", per: "minute"), .limit(2, "api_calls", per: "day")])
        _ = try await server.admin.consume(2, "api_calls")
        let reply = try await server.admin.consume(1, "api_calls")
        expectRefusal(reply, by: "tenant:api_calls/day")
        let violated = reply["violated-policies"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(Set(violated) == ["tenant:api_calls/minute", "tenant:api_calls/day"])
    }

    @Test("a limit in shadow mode never refuses, and says what it would have done")
    func shadow() async throws {
        let server = try await TestServer()
        var limit = JSONValue.limit(1, "api_calls", per: "day").objectValue ?? JSONObject()
        limit["mode"] = "shadow"
        _ = try await server.admin.putPlan("free", [.object(limit)])
        let reply = try await server.admin.consume(2, "api_calls")
        #expect(reply.status == 200)
        #expect(reply["limits", 0, "mode"] == "shadow")
        #expect(reply["warnings"]?.arrayValue?.isEmpty == false)
    }
}
