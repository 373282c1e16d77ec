import StrictJSON
import Testing

@Suite("limits of tenant, key and model")
struct LevelTests {
    /// A tenant with a budget on each level, and one key.
    private func server() async throws -> (TestServer, key: (id: String, text: String)) {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [
                .limit(100, "ai_tokens", per: "month"),
                .limit(40, "ai_tokens", per: "day", model: "gpt-small"),
            ])
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey(limits: [.limit(30, "ai_tokens", per: "day")])
        return (server, key)
    }

    @Test("a request passes the limits of all levels that apply to it")
    func levels() async throws {
        let (server, key) = try await server()
        let client = server.bearer(key.text)
        let reply = try await client.consume(10, "ai_tokens", tenant: nil, model: "gpt-small")
        #expect(reply.status == 200)
        #expect(reply["key"] == .string(key.id))
        #expect(reply.used("tenant:ai_tokens/month") == 10)
        #expect(reply.used("key:ai_tokens/day") == 10)
        #expect(reply.used("model(gpt-small):ai_tokens/day") == 10)
        #expect(reply.limit("key:ai_tokens/day")?["source"] == "key")
        #expect(reply.limit("key:ai_tokens/day")?["scope"] == "key")
        #expect(reply.limit("model(gpt-small):ai_tokens/day")?["scope"] == "model(gpt-small)")
        let other = try await client.consume(5, "ai_tokens", tenant: nil, model: "gpt-large")
        #expect(other.limit("model(gpt-small):ai_tokens/day") == nil)
        #expect(other.used("tenant:ai_tokens/month") == 15)
        let none = try await server.admin.consume(5, "ai_tokens")
        #expect(none["limits"]?.arrayValue?.count == 1)
        #expect(none.used("tenant:ai_tokens/month") == 20)
    }

    /// Who asks with which model, and the limit that refuses.
    struct Case: Sendable, CustomTestStringConvertible {
        let amount: Int64
        let usesKey: Bool
        let model: String?
        let refusedBy: String

        var testDescription: String { "\(amount) is refused by \(refusedBy)" }
    }

    static let cases = [
        Case(amount: 31, usesKey: true, model: nil, refusedBy: "key:ai_tokens/day"),
        Case(amount: 31, usesKey: true, model: "gpt-small", refusedBy: "key:ai_tokens/day"),
        Case(
            amount: 41, usesKey: false, model: "gpt-small",
            refusedBy: "model(gpt-small):ai_tokens/day"),
        Case(amount: 101, usesKey: false, model: nil, refusedBy: "tenant:ai_tokens/month"),
    ]

    @Test("a refusal by any level changes no level", arguments: cases)
    func allOrNothing(row: Case) async throws {
        let (server, key) = try await server()
        let client = row.usesKey ? server.bearer(key.text) : server.admin
        let tenant = row.usesKey ? nil : "acme"
        let before = try await server.bearer(key.text).get("/api/v1/usage")
        let reply = try await client.consume(
            row.amount, "ai_tokens", tenant: tenant, model: row.model)
        expectRefusal(reply, by: row.refusedBy)
        let after = try await server.bearer(key.text).get("/api/v1/usage")
        #expect(before["limits"] == after["limits"])
        let used = after["limits"]?.arrayValue?.compactMap { $0["used"]?.integerValue } ?? []
        #expect(used.count >= 3)
        #expect(used.allSatisfy { $0 == 0 })
        #expect(after.limit("model(gpt-small):ai_tokens/day") != nil)
        #expect(after.limit("key:ai_tokens/day") != nil)
    }

    @Test("two charges, one of them too large: neither meter is charged")
    func twoMeters() async throws {
        let (server, _) = try await server()
        let reply = try await server.admin.consume([
            "tenant": "acme", "charges": [.charge(1, "api_calls"), .charge(101, "ai_tokens")],
        ])
        #expect(reply.status == 429)
        let usage = try await server.admin.usage()
        #expect(usage.used("tenant:api_calls/month") == 0)
        #expect(usage.used("tenant:ai_tokens/month") == 0)
    }

    @Test("two keys of one name have limits of their own and share the tenant's")
    func twoKeys() async throws {
        let (server, first) = try await server()
        let second = try await server.admin.createKey(
            limits: [.limit(30, "ai_tokens", per: "day")])
        #expect(first.id != second.id)
        let one = try await server.bearer(first.text).consume(30, "ai_tokens", tenant: nil)
        let two = try await server.bearer(second.text).consume(20, "ai_tokens", tenant: nil)
        #expect(one.used("key:ai_tokens/day") == 30)
        #expect(two.used("key:ai_tokens/day") == 20)
        #expect(two.used("tenant:ai_tokens/month") == 50)
        let again = try await server.bearer(first.text).consume(1, "ai_tokens", tenant: nil)
        expectRefusal(again, by: "key:ai_tokens/day")
    }

    @Test("a plan's limit on keys holds for each key by itself, and for no use without one")
    func planLimitsKeys() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free", [.limit(2, "api_calls", per: "day", scope: "key")])
        _ = try await server.admin.createTenant(["id": "acme"])
        let (first, second) = (
            try await server.admin.createKey(), try await server.admin.createKey()
        )
        for key in [first, second] {
            let client = server.bearer(key.text)
            #expect(try await client.consume(2, "api_calls", tenant: nil).status == 200)
            let refused = try await client.consume(1, "api_calls", tenant: nil)
            expectRefusal(refused, by: "key:api_calls/day")
        }
        #expect(try await server.admin.consume(10, "api_calls").status == 200)
    }

    @Test("a tenant's use of a model does not count for another tenant")
    func modelOfAnotherTenant() async throws {
        let (server, _) = try await server()
        let acme = try await server.admin.consume(40, "ai_tokens", model: "gpt-small")
        let globex = try await server.admin.consume(
            40, "ai_tokens", tenant: "globex", model: "gpt-small")
        #expect(acme.status == 200)
        #expect(globex.status == 200)
        #expect(globex.used("model(gpt-small):ai_tokens/day") == 40)
    }
}
