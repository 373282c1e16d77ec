import StrictJSON
import Testing

@Suite("service keys")
struct ServiceKeyTests {
    private static let path = "/api/admin/service-keys"
    private static let members = [
        "created_at", "expires_at", "id", "last_used_at", "name",
        "previous_secret_expires_at", "status", "test",
    ]

    @Test("a service key is created, shown once, read and listed", arguments: [false, true])
    func create(isTest: Bool) async throws {
        let server = try await TestServer()
        let created = try await server.admin.post(
            Self.path, ["name": "gateway", "test": .bool(isTest)])
        #expect(created.status == 201)
        let text = created.string("key")
        let form =
            isTest
            ? #/ws_test_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/#
            : #/ws_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/#
        #expect(text.wholeMatch(of: form) != nil)
        #expect(Reply.names(created.json) == (Self.members + ["key"]).sorted())
        let id = created.string("id")
        #expect(id.hasPrefix("s_"))
        let read = try await server.admin.get("\(Self.path)/\(id)")
        #expect(read.status == 200)
        #expect(Reply.names(read.json) == Self.members)
        #expect(read["name"] == "gateway")
        #expect(read["status"] == "active")
        #expect(read["test"] == .bool(isTest))
        #expect(read["created_at"] == "2026-11-21T10:00:00.123Z")
        #expect(read["expires_at"] == .null)
        #expect(read["last_used_at"] == .null)
        #expect(read["previous_secret_expires_at"] == .null)
        let list = try await server.admin.get(Self.path)
        #expect(list.items.map { $0.string("id") } == [id])
        #expect(try await server.admin.get("/api/admin/keys").items.isEmpty)
        #expect(try await server.bearer(text).consume(["tenant": "acme"]).status == 200)
    }

    @Test("it decides and reads for any tenant, which it must name")
    func anyTenant() async throws {
        let server = try await TestServer()
        let client = server.bearer(try await server.admin.createServiceKey().text)
        for tenant in ["acme", "globex"] {
            let reply = try await client.consume(2, "api_calls", tenant: tenant)
            #expect(reply.status == 200)
            #expect(reply["tenant"] == .string(tenant))
            #expect(reply["key"] == .null)
            #expect(try await client.allocate(1, tenant: tenant).status == 200)
            #expect(try await client.usage(tenant).used("tenant:api_calls/month") == 2)
            let body = JSONValue.charging(5, "ai_tokens", tenant: tenant)
            #expect(try await client.check(body)["allowed"] == true)
            let id = try await client.reserve(body).string("reservation_id")
            #expect(try await client.reservation(id).status == 200)
            #expect(try await client.settle(id, [.charge(1, "ai_tokens")]).status == 200)
        }
        expectProblem(try await client.consume([:]), 422, pointer: "/tenant")
        expectProblem(try await client.allocate(1, tenant: nil), 422, pointer: "/tenant")
        expectProblem(try await client.get("/api/v1/usage"), 422)
        let key = try await server.admin.createKey()
        let keyed = try await client.consume(1, "api_calls", key: key.id)
        #expect(keyed["key"] == .string(key.id))
        let batch = try await client.batch("consume", [["tenant": "acme"], ["tenant": "x"], [:]])
        #expect(batch.statuses == [200, 200, 422])
    }

    @Test(
        "it administers nothing",
        arguments: [
            ("GET", "tenants"), ("POST", "tenants"), ("GET", "tenants/acme"),
            ("PATCH", "tenants/acme"), ("DELETE", "tenants/acme"), ("GET", "service-keys"),
            ("POST", "service-keys"), ("GET", "keys"), ("GET", "audit"), ("POST", "import"),
            ("POST", "adjustments"), ("GET", "overrides"), ("GET", "suspect"),
            ("GET", "reservations"), ("GET", "organizations"), ("GET", "meters"),
            ("GET", "plans"), ("GET", "quota/stats"), ("POST", "quota/cache/clear"),
        ])
    func noAdministration(method: String, path: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createServiceKey()
        let bytes = method == "GET" || method == "DELETE" ? nil : Array("{}".utf8)
        let reply = try await server.bearer(key.text)
            .send(method, "/api/admin/\(path)", bytes: bytes)
        expectProblem(reply, 403)
        #expect(try await server.admin.get("/api/admin/tenants/acme")["status"] == "active")
    }

    @Test("it is suspended, woken, renamed and revoked like a key")
    func status() async throws {
        let server = try await TestServer()
        let key = try await server.admin.createServiceKey()
        let client = server.bearer(key.text)
        let path = "\(Self.path)/\(key.id)"
        #expect(try await client.consume(["tenant": "acme"]).status == 200)
        let suspended = try await server.admin.patch(path, ["status": "suspended"])
        #expect(suspended.status == 200)
        #expect(suspended["status"] == "suspended")
        expectProblem(try await client.consume(["tenant": "acme"]), 403)
        expectProblem(try await client.usage(), 403)
        #expect(try await server.admin.patch(path, ["status": "active"]).status == 200)
        #expect(try await client.consume(["tenant": "acme"]).status == 200)
        let renamed = try await server.admin.patch(path, ["name": "edge"])
        #expect(renamed["name"] == "edge")
        #expect(try await server.admin.delete(path).status == 204)
        expectProblem(try await client.consume(["tenant": "acme"]), 401)
        #expect(try await server.admin.get(path)["status"] == "revoked")
        expectProblem(try await server.admin.patch(path, ["status": "active"]), 409)
        expectProblem(try await server.admin.post(path + "/rotate", [:]), 409)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 2)
    }

    @Test("it ends at its instant")
    func expiry() async throws {
        let server = try await TestServer()
        let key = try await server.admin.createServiceKey([
            "name": "brief", "expires_at": "2026-11-21T12:00:00Z",
        ])
        let client = server.bearer(key.text)
        try server.moveBefore("2026-11-21T12:00:00Z")
        #expect(try await client.consume(["tenant": "acme"]).status == 200)
        try server.move(to: "2026-11-21T12:00:00Z")
        expectProblem(try await client.consume(["tenant": "acme"]), 401)
        #expect(
            try await server.admin.get("\(Self.path)/\(key.id)")["status"] == "expired")
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ("tenant", "acme"), ("limits", []), ("name", nil), ("name", ""), ("name", 5),
            ("test", 1), ("expires_at", "tomorrow"), ("status", "gone"),
            ("expires_at", "2026-11-21T10:00:00.123Z"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let body: JSONValue = ["name": "gateway"]
        expectProblem(
            try await server.admin.post(Self.path, body.with(name, value)), 422,
            pointer: "/\(name)")
        #expect(try await server.admin.get(Self.path).items.isEmpty)
    }

    @Test("ids of keys and of service keys are not mixed up")
    func kinds() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let service = try await server.admin.createServiceKey()
        expectProblem(try await server.admin.get("\(Self.path)/\(key.id)"), 404)
        expectProblem(try await server.admin.get("/api/admin/keys/\(service.id)"), 404)
        expectProblem(try await server.admin.delete("/api/admin/keys/\(service.id)"), 404)
        expectProblem(try await server.admin.delete("\(Self.path)/\(key.id)"), 404)
        expectProblem(try await server.admin.consume(1, "api_calls", key: service.id), 404)
        #expect(try await server.bearer(service.text).consume(["tenant": "acme"]).status == 200)
        let swapped = service.text.replacing("ws_", with: "wk_")
        expectProblem(try await server.bearer(swapped).consume(["tenant": "acme"]), 401)
        let other = key.text.replacing("wk_", with: "ws_")
        expectProblem(try await server.bearer(other).consume(["tenant": "acme"]), 401)
    }
}
