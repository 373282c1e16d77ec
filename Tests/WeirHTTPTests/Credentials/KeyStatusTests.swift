import StrictJSON
import Testing

@Suite("changes of keys")
struct KeyStatusTests {
    /// A server with a tenant and a key that has been used.
    private func server() async throws -> (TestServer, id: String, client: Client) {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey(
            limits: [.limit(50, "api_calls", per: "day")])
        let client = server.bearer(key.text)
        #expect(try await client.consume([:]).status == 200)
        return (server, key.id, client)
    }

    private func patch(
        _ body: JSONValue,
        _ id: String,
        on server: TestServer
    ) async throws -> Reply {
        try await server.admin.patch("/api/admin/keys/\(id)", body)
    }

    @Test("suspending and waking hold from the next request on")
    func suspend() async throws {
        let (server, id, client) = try await server()
        for _ in 0..<3 {
            let suspended = try await patch(["status": "suspended"], id, on: server)
            #expect(suspended.status == 200)
            #expect(suspended["status"] == "suspended")
            let refused = try await client.consume([:])
            expectProblem(refused, 403)
            #expect(refused["denied_by", "reason"] == "suspended")
            expectProblem(try await client.allocate(1, tenant: nil), 403)
            expectProblem(try await client.get("/api/v1/usage"), 403)
            expectProblem(try await client.forwardAuth(), 403)
            #expect(try await patch(["status": "active"], id, on: server).status == 200)
            #expect(try await client.consume([:]).status == 200)
        }
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 4)
    }

    @Test("revoking holds from the next request on and is final", arguments: [true, false])
    func revoke(isDeleted: Bool) async throws {
        let (server, id, client) = try await server()
        if isDeleted {
            #expect(try await server.admin.delete("/api/admin/keys/\(id)").status == 204)
        } else {
            let revoked = try await patch(["status": "revoked"], id, on: server)
            #expect(revoked["status"] == "revoked")
        }
        let reply = try await client.consume([:])
        expectProblem(reply, 401)
        #expect(reply.text == (try await server.anonymous.consume([:])).text)
        expectProblem(try await client.get("/api/v1/usage"), 401)
        for status in ["active", "suspended"] {
            expectProblem(try await patch(["status": .string(status)], id, on: server), 409)
        }
        expectProblem(try await server.admin.post("/api/admin/keys/\(id)/rotate", [:]), 409)
        expectProblem(try await client.consume([:]), 401)
        #expect(try await server.admin.get("/api/admin/keys/\(id)")["status"] == "revoked")
        let list = try await server.admin.get("/api/admin/keys?tenant=acme")
        #expect(list.items.map { $0.string("status") } == ["revoked"])
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 1)
    }

    @Test("a key that is revoked while it decides in many tasks is refused afterwards")
    func revokeUnderLoad() async throws {
        let (server, id, client) = try await server()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 { group.addTask { try await client.consume([:]).status } }
            group.addTask { try await server.admin.delete("/api/admin/keys/\(id)").status }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        // A request that was let in and finds its key revoked on the way is refused with 403.
        #expect(Set(statuses).isSubset(of: [200, 204, 401, 403]))
        for _ in 0..<5 { #expect(try await client.consume([:]).status == 401) }
        let used = try await server.admin.usage().used("tenant:api_calls/month")
        #expect(used == Int64(statuses.count { $0 == 200 }) + 1)
    }

    @Test("name, limits and end are changed one by one, and hold at once")
    func members() async throws {
        let (server, id, client) = try await server()
        let renamed = try await patch(["name": "blue"], id, on: server)
        #expect(renamed["name"] == "blue")
        #expect(renamed["limits", 0, "limit"] == 50)
        let limited = try await patch(
            ["limits": [.limit(3, "api_calls", per: "day")]], id, on: server)
        #expect(limited["name"] == "blue")
        #expect(limited["limits", 0, "limit"] == 3)
        expectRefusal(
            try await client.consume(3, "api_calls", tenant: nil), by: "key:api_calls/day")
        #expect(try await client.consume(2, "api_calls", tenant: nil).status == 200)
        #expect(try await patch(["limits": []], id, on: server)["limits"] == [])
        #expect(try await client.consume(9, "api_calls", tenant: nil).status == 200)

        let ended = try await patch(["expires_at": "2026-11-21T11:00:00Z"], id, on: server)
        #expect(ended["expires_at"] == "2026-11-21T11:00:00Z")
        try server.moveBefore("2026-11-21T11:00:00Z")
        #expect(try await client.consume([:]).status == 200)
        try server.move(to: "2026-11-21T11:00:00Z")
        expectProblem(try await client.consume([:]), 401)
        #expect(try await server.admin.get("/api/admin/keys/\(id)")["status"] == "expired")
        let extended = try await patch(["expires_at": nil], id, on: server)
        #expect(extended["expires_at"] == .null)
        #expect(extended["status"] == "active")
        #expect(try await client.consume([:]).status == 200)
    }

    @Test(
        "wrong values are refused where they stand and change nothing",
        arguments: [
            ("status", "expired"), ("status", "Active"), ("status", 1), ("name", ""),
            ("name", "a\nb"), ("limits", [:]), ("expires_at", "tomorrow"), ("tenant", "globex"),
            ("secret", "x"), ("test", true),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let (server, id, client) = try await server()
        let before = try await server.admin.get("/api/admin/keys/\(id)")
        let body = JSONValue.object(JSONObject()).with(name, value)
        expectProblem(try await patch(body, id, on: server), 422, pointer: "/\(name)")
        let after = try await server.admin.get("/api/admin/keys/\(id)")
        for member in ["status", "name", "limits", "expires_at", "tenant", "test"] {
            #expect(after.json[member] == before.json[member])
        }
        #expect(try await client.consume([:]).status == 200)
    }

    @Test("a key that nobody made is 404 for every verb")
    func unknown() async throws {
        let server = try await TestServer()
        let path = "/api/admin/keys/k_nobody"
        expectProblem(try await server.admin.patch(path, ["name": "x"]), 404)
        expectProblem(try await server.admin.delete(path), 404)
        expectProblem(try await server.admin.post(path + "/rotate", [:]), 404)
        expectProblem(try await server.admin.patch("/api/admin/service-keys/s_x", [:]), 404)
        expectProblem(try await server.admin.delete("/api/admin/service-keys/s_x"), 404)
    }

    @Test("last_used_at is the time of the last use")
    func lastUsed() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let path = "/api/admin/keys/\(key.id)"
        #expect(try await server.admin.get(path)["last_used_at"] == .null)
        try server.move(to: "2026-11-22T08:30:00Z")
        _ = try await server.bearer(key.text).consume([:])
        try await server.settleDown()
        #expect(try await server.admin.get(path)["last_used_at"] == "2026-11-22T08:30:00Z")
        try server.move(to: "2026-11-24T09:45:00Z")
        _ = try await server.bearer(key.text).consume([:])
        try await server.settleDown()
        #expect(try await server.admin.get(path)["last_used_at"] == "2026-11-24T09:45:00Z")
    }
}
