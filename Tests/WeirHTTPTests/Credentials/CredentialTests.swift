import QuotaLedger
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@Suite("credentials")
struct CredentialTests {
    /// A server with a tenant and a key of it.
    private func server() async throws -> (TestServer, key: (id: String, text: String)) {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return (server, try await server.admin.createKey())
    }

    /// A key text with one character changed, so that its check does not fit.
    private func mistyped(_ key: String) -> String {
        var characters = Array(key)
        let place = characters.count - 20
        characters[place] = characters[place] == "a" ? "b" : "a"
        return String(characters)
    }

    @Test("every bad credential gets the same answer, byte by byte")
    func sameAnswer() async throws {
        let (server, key) = try await server()
        let other = try await TestServer()
        _ = try await other.admin.createTenant(["id": "acme"])
        // The first key of both servers is the same, the second is known to the other only.
        _ = try await other.admin.createKey()
        let unknown = try await other.admin.createKey().text
        let expiring = try await server.admin
            .post(
                "/api/admin/keys",
                ["tenant": "acme", "name": "brief", "expires_at": "2026-11-21T11:00:00Z"]
            )
            .string("key")
        #expect(try await server.bearer(expiring).consume([:]).status == 200)
        server.clock.set(try #require(Timestamp("2026-11-21T11:00:00Z")))

        let bad: [Client] = [
            server.anonymous, server.bearer(""), server.bearer("x"), server.bearer("wk_live_"),
            server.bearer(unknown), server.bearer(mistyped(key.text)), server.bearer(expiring),
            server.bearer(key.text + "0"), server.bearer(String(key.text.dropLast())),
            server.bearer(key.text.replacing("wk_live_", with: "wk_test_")),
            server.bearer(key.id), server.bearer(TestServer.adminToken + "x"),
            server.bearer(String(repeating: "x", count: 10_000)),
        ]
        let reference = try await server.anonymous.consume([:])
        expectProblem(reference, 401)
        for (index, client) in bad.enumerated() {
            for reply in [try await client.consume([:]), try await client.get("/api/v1/usage")] {
                #expect(reply.status == 401, "\(index)")
                #expect(reply.text == reference.text, "\(index)")
                #expect(reply.headers == reference.headers, "\(index)")
            }
        }
        #expect(try await server.bearer(key.text).consume([:]).status == 200)
    }

    @Test("other schemes and bare keys are no credentials")
    func schemes() async throws {
        let (server, key) = try await server()
        for field in ["Basic \(key.text)", key.text, "Bearer", "Bearer \(key.text) x"] {
            let reply = try await server.anonymous.consume([:], headers: ["Authorization": field])
            expectProblem(reply, 401, "\(field.prefix(8))")
        }
        let reply = try await server.anonymous.consume(
            [:], headers: ["Authorization": "bearer \(key.text)"])
        #expect(reply.status == 200)
    }

    @Test("a key in the URL is never taken")
    func notInURL() async throws {
        let (server, key) = try await server()
        let reply = try await server.anonymous.get("/api/v1/usage?key=\(key.text)")
        expectProblem(reply, 401)
    }

    @Test("the credential is looked at before the body")
    func beforeBody() async throws {
        let server = try await TestServer()
        expectProblem(try await server.anonymous.post("/api/v1/consume", text: "{"), 401)
        expectProblem(try await server.anonymous.post("/api/admin/tenants", text: "{"), 401)
    }

    @Test(
        "every route but the operational ones needs a credential",
        arguments: [
            ("POST", "/api/v1/consume"), ("POST", "/api/v1/check"), ("POST", "/api/v1/reserve"),
            ("GET", "/api/v1/usage"), ("GET", "/api/v1/reservations/r"),
            ("POST", "/api/v1/reservations/r/settle"), ("POST", "/api/v1/reservations/r/void"),
            ("GET", "/api/admin/tenants"), ("POST", "/api/admin/tenants"),
            ("GET", "/api/admin/tenants/acme"), ("GET", "/api/admin/keys"),
            ("POST", "/api/admin/keys"), ("GET", "/api/admin/keys/k"),
            ("GET", "/api/admin/plans"), ("PUT", "/api/admin/plans/free"),
            ("GET", "/api/admin/quota/stats"), ("GET", "/api/admin/quota/usage"),
            ("POST", "/api/admin/quota/cache/warm"), ("POST", "/api/admin/quota/cache/clear"),
            ("GET", "/api/admin/quota/health"),
        ])
    func allRoutes(method: String, path: String) async throws {
        let (server, key) = try await server()
        let body = method == "GET" ? nil : Array("{}".utf8)
        expectProblem(try await server.anonymous.send(method, path, bytes: body), 401)
        if path.hasPrefix("/api/admin") {
            let reply = try await server.bearer(key.text).send(method, path, bytes: body)
            expectProblem(reply, 403)
        }
    }

    @Test("a tenant's key can't speak for another tenant or key")
    func otherTenant() async throws {
        let (server, key) = try await server()
        _ = try await server.admin.createTenant(["id": "globex"])
        let foreign = try await server.admin.createKey(of: "globex")
        let client = server.bearer(key.text)
        expectProblem(try await client.consume(["tenant": "globex"]), 403)
        expectProblem(try await client.check(["tenant": "globex"]), 403)
        expectProblem(try await client.reserve(["tenant": "globex"]), 403)
        expectProblem(try await client.usage("globex"), 403)
        expectProblem(try await client.usage("nobody"), 403)
        expectProblem(try await client.consume(["key": .string(foreign.id)]), 403)
        #expect(try await client.consume(["tenant": "acme"]).status == 200)
        #expect(try await client.consume(["key": .string(key.id)]).status == 200)
        #expect(try await server.admin.usage("globex").used("tenant:api_calls/month") == 0)
    }

    @Test("a tenant's key sees its own tenant only")
    func ownUsage() async throws {
        let (server, key) = try await server()
        _ = try await server.admin.consume(500, "api_calls", tenant: "globex")
        let client = server.bearer(key.text)
        let decided = try await client.consume([:])
        #expect(decided["tenant"] == "acme")
        #expect(decided["key"] == .string(key.id))
        let usage = try await client.get("/api/v1/usage")
        #expect(usage["tenant"] == "acme")
        #expect(usage.used("tenant:api_calls/month") == 1)
        #expect(!usage.text.contains("globex"))
    }

    @Test("the key of a suspended tenant is refused with 403")
    func suspendedTenant() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "status": "suspended"])
        let key = try await server.admin.createKey()
        expectProblem(try await server.bearer(key.text).consume([:]), 403)
        expectProblem(try await server.bearer(key.text).reserve([:]), 403)
    }

    /// A server on which a key has a status, and the key.
    ///
    /// Keys can't be changed yet: the key of one ledger is put into another in another status.
    private func server(
        keyStatus: APIKey.Status
    ) async throws -> (TestServer, Client) {
        let (origin, key) = try await server()
        let found = try await origin.ledger.key(APIKeyID(trusted: key.id))
        var record = try #require(found)
        record.key.status = keyStatus
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        try await server.ledger.change(.createKey(record))
        return (server, server.bearer(key.text))
    }

    @Test("a suspended key decides and reads nothing, and gets 403")
    func suspendedKey() async throws {
        let (server, client) = try await server(keyStatus: .suspended)
        expectProblem(try await client.consume([:]), 403)
        expectProblem(try await client.reserve([:]), 403)
        #expect(try await client.check([:])["allowed"] == false)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 0)
        expectProblem(try await client.get("/api/v1/usage"), 403)
    }

    @Test("a suspended key still settles what is held: settlements are always accepted")
    func suspendedKeySettles() async throws {
        let (server, client) = try await server(keyStatus: .suspended)
        let id = try await server.admin.reserve(["tenant": "acme"]).string("reservation_id")
        let settled = try await client.settle(id, [.charge(1, "api_calls")])
        #expect(settled.status == 200)
    }

    @Test("a revoked key is as good as none")
    func revokedKey() async throws {
        let (server, client) = try await server(keyStatus: .revoked)
        let reply = try await client.consume([:])
        #expect(reply.text == (try await server.anonymous.consume([:])).text)
        expectProblem(reply, 401)
        let (_, active) = try await self.server(keyStatus: .active)
        #expect(try await active.consume([:]).status == 200)
    }
}
