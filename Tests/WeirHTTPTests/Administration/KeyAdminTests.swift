import QuotaTesting
import StrictJSON
import Testing

@Suite("administration of keys")
struct KeyAdminTests {
    private func server() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return server
    }

    @Test("a key is created as the specification shows it")
    func create() async throws {
        let server = try await server()
        let reply = try await server.admin.post(
            "/api/admin/keys",
            [
                "tenant": "acme", "name": "prod",
                "limits": [["meter": "api_calls", "window": "day", "limit": 100]],
                "expires_at": nil, "test": false,
            ])
        #expect(reply.status == 201)
        #expect(!reply.string("key").isEmpty)
        #expect(!reply.string("id").isEmpty)
        #expect(!reply.string("id").contains("prod"))
        #expect(reply["tenant"] == "acme")
        #expect(reply["name"] == "prod")
        #expect(reply["expires_at"] == .null)
        #expect(reply["test"] == false)
        #expect(reply["limits", 0, "limit"] == 100)
        #expect(reply["status"] == "active")
    }

    @Test("a key past its end reads as expired")
    func expiry() async throws {
        let server = try await server()
        let created = try await server.admin.post(
            "/api/admin/keys",
            ["tenant": "acme", "name": "brief", "expires_at": "2026-11-21T13:00:00+01:00"])
        #expect(created.status == 201)
        #expect(created["expires_at"] == "2026-11-21T12:00:00Z")
        server.clock.advance(by: .seconds(2 * 3600))
        let read = try await server.admin.get("/api/admin/keys/\(created.string("id"))")
        #expect(read["status"] == "expired")
    }

    @Test("a key of an unknown tenant and an unknown key are 404")
    func missing() async throws {
        let server = try await server()
        let reply = try await server.admin.post(
            "/api/admin/keys", ["tenant": "nobody", "name": "prod"])
        expectProblem(reply, 404)
        expectProblem(try await server.admin.get("/api/admin/keys/k_nobody"), 404)
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ("tenant", nil), ("tenant", ""), ("name", nil), ("name", ""), ("name", "a\nb"),
            ("limits", [:]), ("expires_at", "tomorrow"), ("expires_at", "2026-02-30T00:00:00Z"),
            ("expires_at", "2026-11-21"), ("expires_at", "2026-11-21T10:00:00.123Z"),
            ("expires_at", 5), ("test", "no"), ("test", 1),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await server()
        var body: JSONObject = JSONObject()
        body["tenant"] = "acme"
        body["name"] = "prod"
        body[name] = value
        let reply = try await server.admin.post("/api/admin/keys", .object(body))
        expectProblem(reply, 422, pointer: "/\(name)")
        #expect(try await server.admin.get("/api/admin/keys")["items"] == [])
    }

    @Test("keys are listed by tenant, page by page")
    func list() async throws {
        let server = try await server()
        _ = try await server.admin.createTenant(["id": "globex"])
        var ids: Set<String> = []
        for _ in 0..<5 { ids.insert(try await server.admin.createKey().id) }
        let foreign = try await server.admin.createKey(of: "globex").id
        var found: [String] = []
        var query = "?tenant=acme&limit=2"
        for _ in 0..<3 {
            let reply = try await server.admin.get("/api/admin/keys\(query)")
            found += (reply["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
            query = "?tenant=acme&limit=2&cursor=\(reply.string("next_cursor"))"
        }
        #expect(found.count == 5)
        #expect(Set(found) == ids)
        let all = try await server.admin.get("/api/admin/keys")
        #expect(all["items"]?.arrayValue?.count == 6)
        #expect(all.text.contains(foreign))
        #expect(all["next_cursor"] == .null)
    }
}
