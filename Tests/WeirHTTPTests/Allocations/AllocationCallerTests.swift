import StrictJSON
import Testing

@Suite("who may allocate, and how often")
struct AllocationCallerTests {
    private static let members = "tenant:team_members/none"

    @Test("of fifty at once for ten seats exactly ten pass")
    func race() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "starter"])
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await server.admin.allocate(1).status } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 10)
        #expect(statuses.count { $0 == 429 } == 40)
        #expect(try await server.admin.usage().allocated(Self.members) == 10)
    }

    @Test("of fifty releases at once as many pass as seats are taken")
    func releaseRace() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "starter"])
        _ = try await server.admin.allocate(10)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await server.admin.allocate(-1).status } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 10)
        #expect(statuses.count { $0 == 422 } == 40)
        #expect(try await server.admin.usage().allocated(Self.members) == 0)
    }

    @Test("a repeat gets the stored answer and takes no seat", arguments: [true, false])
    func replay(isHeader: Bool) async throws {
        let server = try await TestServer()
        var body = JSONValue.allocating("delta", 1)
        var headers: [String: String] = [:]
        if isHeader {
            headers["Idempotency-Key"] = "\"seat-1\""
        } else {
            body = body.with("idempotency_key", "seat-1")
        }
        let first = try await server.admin.allocation(body, headers: headers)
        _ = try await server.admin.allocate(1)
        let second = try await server.admin.allocation(body, headers: headers)
        #expect(first.status == 200)
        #expect(first.header("Idempotency-Replayed") == nil)
        #expect(second.status == 200)
        #expect(second.text == first.text)
        #expect(second.header("Idempotency-Replayed") == "true")
        #expect(try await server.admin.usage().allocated(Self.members) == 2)
        let other = try await server.admin.allocation(body.with("delta", 2), headers: headers)
        expectProblem(other, 422)
        #expect(try await server.admin.usage().allocated(Self.members) == 2)
    }

    @Test("a key of a decision is not free for an allocation, and refusals are not stored")
    func sharedKeys() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme", "idempotency_key": "k"])
        let taken = JSONValue.allocating("delta", 1).with("idempotency_key", "k")
        expectProblem(try await server.admin.allocation(taken), 422)
        let large = JSONValue.allocating("set", 4).with("idempotency_key", "big")
        expectRefusal(try await server.admin.allocation(large), by: Self.members)
        _ = try await server.admin.patchTenant("acme", ["plan": "starter"])
        let passed = try await server.admin.allocation(large)
        #expect(passed.status == 200)
        #expect(passed.header("Idempotency-Replayed") == nil)
    }

    @Test("a tenant's key allocates for its own tenant only")
    func ownTenant() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.createTenant(["id": "globex"])
        let client = server.bearer(try await server.admin.createKey().text)
        #expect(try await client.allocate(1, tenant: nil).used(Self.members) == 1)
        #expect(try await client.allocate(1).used(Self.members) == 2)
        expectProblem(try await client.allocate(1, tenant: "globex"), 403)
        expectProblem(try await client.allocate(-1, tenant: "nobody"), 403)
        #expect(try await server.admin.usage("globex").allocated(Self.members) == 0)
        expectProblem(try await server.anonymous.allocate(1), 401)
        expectProblem(try await server.admin.allocate(1, tenant: nil), 422, pointer: "/tenant")
    }

    @Test("a tenant is created by its first allocation, on the plan it names")
    func creates() async throws {
        let server = try await TestServer()
        let body = JSONValue.allocating("set", 8).with("plan", "starter")
        let reply = try await server.admin.allocation(body)
        #expect(reply.status == 200)
        #expect(reply["plan"] == "starter")
        #expect(try await server.admin.get("/api/admin/tenants/acme")["plan"] == "starter")
        let strict = try await TestServer(createsTenants: false)
        expectProblem(try await strict.admin.allocate(1), 404)
    }

    @Test("a suspended tenant is refused with 403 and given nothing")
    func suspended() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "status": "suspended"])
        let reply = try await server.admin.allocate(1)
        expectProblem(reply, 403)
        #expect(reply["denied_by", "reason"] == "suspended")
        #expect(try await server.admin.usage().allocated(Self.members) == 0)
    }

    @Test("a meter of one's own is allocated like the built-in ones")
    func ownMeter() async throws {
        let server = try await TestServer()
        let created = try await server.admin.post(
            "/api/admin/meters", ["id": "licences", "kind": "allocation"])
        #expect(created.status == 201)
        let free = try await server.admin.allocate(5, "licences")
        #expect(free.status == 200)
        #expect(free.used("tenant:licences/none") == 5)
        #expect(free.limit("tenant:licences/none")?["unlimited"] == true)
        _ = try await server.admin.putPlan("free", [.limit(6, "licences", per: "none")])
        #expect(try await server.admin.allocate(1, "licences").status == 200)
        expectRefusal(
            try await server.admin.allocate(1, "licences"), by: "tenant:licences/none")
        #expect(try await server.admin.usage().allocated("tenant:licences/none") == 6)
    }
}
