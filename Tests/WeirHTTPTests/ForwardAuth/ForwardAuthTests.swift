import Foundation
import QuotaLedger
import StrictJSON
import Testing

@Suite("forward-auth")
struct ForwardAuthTests {
    private static let calls = "tenant:api_calls/month"
    private static let status = "X-Weir-Status"

    /// A server with a tenant and a key of it.
    private func server() async throws -> (TestServer, key: (id: String, text: String)) {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return (server, try await server.admin.createKey())
    }

    @Test("a request with quota passes with 204, and is charged")
    func passes() async throws {
        let (server, key) = try await server()
        let reply = try await server.bearer(key.text).forwardAuth("meter=api_calls&amount=2")
        #expect(reply.status == 204)
        #expect(reply.bytes.isEmpty)
        #expect(reply.header(Self.status) == "204")
        #expect(reply.header("X-Weir-Tenant") == "acme")
        #expect(reply.header("X-Weir-Key") == key.id)
        #expect(
            RateLimitItem.list(reply.header("RateLimit")).first
                == RateLimitItem(name: Self.calls, parameters: ["r": 998, "t": 828_000]))
        #expect(RateLimitItem.list(reply.header("RateLimit-Policy")).first?.name == Self.calls)
        #expect(reply.header("Retry-After") == nil)
        #expect(try await server.admin.usage().used(Self.calls) == 2)
    }

    @Test("without parameters one call is charged")
    func defaults() async throws {
        let (server, key) = try await server()
        let client = server.bearer(key.text)
        #expect(try await client.get("/api/v1/forward-auth").status == 204)
        #expect(try await client.forwardAuth("meter=ai_tokens").status == 204)
        #expect(try await client.forwardAuth("amount=4").status == 204)
        let usage = try await server.admin.usage()
        #expect(usage.used(Self.calls) == 5)
        #expect(usage.used("tenant:ai_tokens/month") == 1)
    }

    @Test("the key may stand in X-API-Key, here and nowhere else")
    func apiKeyHeader() async throws {
        let (server, key) = try await server()
        let headers = ["X-API-Key": key.text]
        let reply = try await server.anonymous.forwardAuth(headers: headers)
        #expect(reply.status == 204)
        #expect(reply.header("X-Weir-Key") == key.id)
        let bad = try await server.anonymous.forwardAuth(headers: ["X-API-Key": key.text + "0"])
        let none = try await server.anonymous.forwardAuth()
        expectProblem(bad, 401)
        #expect(bad.text == none.text)
        #expect(bad.text == (try await server.anonymous.consume([:])).text)
        expectProblem(try await server.anonymous.consume([:], headers: headers), 401)
        #expect(try await server.admin.usage().used(Self.calls) == 1)
    }

    @Test("a model's limit applies to a request for it")
    func model() async throws {
        let (server, key) = try await server()
        _ = try await server.admin.putPlan(
            "free", [.limit(1, "api_calls", per: "day", model: "a b/c")])
        let client = server.bearer(key.text)
        #expect(try await client.forwardAuth("model=a%20b%2Fc").status == 204)
        #expect(try await client.forwardAuth("model=a%20b%2Fc").status == 429)
        #expect(try await client.forwardAuth("model=other").status == 204)
    }

    @Test("a spent limit is 429 with the decision and the time to come back")
    func spent() async throws {
        let (server, key) = try await server()
        let reply = try await server.bearer(key.text).forwardAuth("amount=1000")
        #expect(reply.status == 204)
        let refused = try await server.bearer(key.text).forwardAuth("amount=1")
        #expect(refused.status == 429)
        #expect(refused.header(Self.status) == "429")
        #expect(refused.header("Retry-After") == "828000")
        #expect(
            RateLimitItem.list(refused.header("RateLimit")).first
                == RateLimitItem(name: Self.calls, parameters: ["r": 0, "t": 828_000]))
        #expect(try await server.admin.usage().used(Self.calls) == 1000)
    }

    @Test("deny_status takes the place of every refusal but 401", arguments: [400, 403, 418, 499])
    func denyStatus(status: Int) async throws {
        let (server, key) = try await server()
        let client = server.bearer(key.text)
        let query = "deny_status=\(status)"
        #expect(try await client.forwardAuth(query + "&amount=999").status == 204)
        let spent = try await client.forwardAuth(query + "&amount=2")
        #expect(spent.status == status)
        #expect(spent.header(Self.status) == "429")
        #expect(spent.header("Retry-After") == "828000")
        #expect(try await server.anonymous.forwardAuth(query).status == 401)
        _ = try await server.admin.patchTenant("acme", ["status": "suspended"])
        let suspended = try await client.forwardAuth(query)
        #expect(suspended.status == status)
        #expect(suspended.header(Self.status) == "403")
        _ = try await server.admin.patchTenant("acme", ["status": "active"])
        server.ledger.beforeCommit { _ throws(LedgerError) in throw .gone }
        let unavailable = try await client.forwardAuth(query)
        #expect(unavailable.status == status)
        #expect(unavailable.header(Self.status) == "503")
    }

    @Test(
        "what is wrong with the question is said in its own words",
        arguments: [
            ("deny_status=500", "deny_status"), ("amount=1&amount=2", "amount"),
            ("meter=zz", "zz"), ("meter=team_members", "team_members"),
        ])
    func wrong(query: String, name: String) async throws {
        let (server, key) = try await server()
        let reply = try await server.bearer(key.text).forwardAuth(query)
        expectProblem(reply, 422)
        #expect(reply.header(Self.status) == "422")
        #expect(reply.string("detail").contains("\"\(name)\""))
        #expect(!reply.string("detail").contains("charges"))
        #expect(reply["pointer"] == nil)
    }

    @Test("a suspended tenant and a suspended key are 403")
    func suspended() async throws {
        let (server, key) = try await server()
        let other = try await server.admin.createKey()
        _ = try await server.admin.patch("/api/admin/keys/\(key.id)", ["status": "suspended"])
        let reply = try await server.bearer(key.text).forwardAuth()
        #expect(reply.status == 403)
        #expect(reply.header(Self.status) == "403")
        #expect(try await server.bearer(other.text).forwardAuth().status == 204)
        _ = try await server.admin.patchTenant("acme", ["status": "suspended"])
        #expect(try await server.bearer(other.text).forwardAuth().status == 403)
        #expect(try await server.admin.usage().used(Self.calls) == 1)
    }

    @Test("a service key and the admin name the tenant, and may name the key")
    func serviceKey() async throws {
        let (server, key) = try await server()
        let service = try await server.admin.createServiceKey()
        for client in [server.bearer(service.text), server.admin] {
            expectProblem(try await client.forwardAuth(), 422)
            #expect(try await client.forwardAuth("tenant=acme").status == 204)
            let keyed = try await client.forwardAuth("tenant=acme&key=\(key.id)")
            #expect(keyed.status == 204)
            #expect(keyed.header("X-Weir-Key") == key.id)
            #expect(try await client.forwardAuth("tenant=acme&key=k_nobody").status == 404)
        }
        let header = try await server.anonymous.forwardAuth(
            "tenant=acme", headers: ["X-API-Key": service.text])
        #expect(header.status == 204)
        #expect(try await server.admin.usage().used(Self.calls) == 5)
    }

    @Test("a tenant's key can't speak for another tenant or key")
    func foreign() async throws {
        let (server, key) = try await server()
        _ = try await server.admin.createTenant(["id": "globex"])
        let foreign = try await server.admin.createKey(of: "globex")
        for query in ["tenant=globex", "tenant=nobody", "key=\(foreign.id)"] {
            let reply = try await server.bearer(key.text).forwardAuth(query)
            #expect([403, 422].contains(reply.status), "\(query)")
        }
        #expect(try await server.admin.usage("globex").used(Self.calls) == 0)
    }

    @Test(
        "a tenant of any name leaves the headers well formed",
        arguments: ["größe", "a}{b", "../", "a b%2F", "🙂", "a\"b", "100%"])
    func names(tenant: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.forwardAuth("tenant=\(tenant.percentEncoded)")
        #expect(reply.status == 204)
        let field = try #require(reply.header("X-Weir-Tenant"))
        #expect(field.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(field)")
        #expect(field.removingPercentEncoding == tenant)
        #expect(try await server.admin.usage(tenant.percentEncoded).used(Self.calls) == 1)
    }

    @Test(
        "wrong parameters are refused by name, and nothing is charged",
        arguments: [
            ("amount=0", "amount"), ("amount=-1", "amount"), ("amount=1.5", "amount"),
            ("amount=1e3", "amount"), ("amount=", "amount"), ("amount=%2B1", "amount"),
            ("amount=01", "amount"), ("amount=9007199254740992", "amount"),
            ("amount=1&amount=2", "amount"), ("meter=", "meter"), ("meter=gpu_hours", "meter"),
            ("meter=storage_gb", "meter"), ("deny_status=399", "deny_status"),
            ("deny_status=500", "deny_status"), ("deny_status=204", "deny_status"),
            ("deny_status=x", "deny_status"), ("deny_status=", "deny_status"),
            ("metre=api_calls", "metre"),
        ])
    func wrongParameters(query: String, name: String) async throws {
        let (server, key) = try await server()
        let reply = try await server.bearer(key.text).forwardAuth(query)
        expectProblem(reply, 422, "\(query)")
        #expect(reply.string("detail").contains(name), "\(reply.text)")
        #expect(try await server.admin.usage().used(Self.calls) == 0)
    }
}
