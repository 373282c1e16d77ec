import StrictJSON
import Testing

@Suite("administration of tenants")
struct TenantAdminTests {
    @Test("a tenant is created and read with all its members")
    func create() async throws {
        let server = try await TestServer()
        let body: JSONValue = [
            "id": "acme", "name": "Acme", "plan": "starter", "organization": nil,
            "time_zone": "Africa/Lagos", "billing_anchor": "2026-01-31T00:00",
            "billing_interval": "month", "status": "active", "currency": "NGN",
        ]
        let created = try await server.admin.createTenant(body)
        let read = try await server.admin.get("/api/admin/tenants/acme")
        #expect(created.status == 201)
        #expect(read.status == 200)
        for member in body.objectValue?.members ?? [] {
            #expect(created.json[member.name] == member.value, "\(member.name)")
            #expect(read.json[member.name] == member.value, "\(member.name)")
        }
    }

    @Test("everything but the id has a default")
    func defaults() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.createTenant(["id": "acme"])
        #expect(reply.status == 201)
        #expect(reply["plan"] == "free")
        #expect(reply["organization"] == .null)
        #expect(reply["time_zone"] == "UTC")
        #expect(reply["billing_anchor"] == .null)
        #expect(reply["billing_interval"] == "month")
        #expect(reply["status"] == "active")
    }

    @Test("an id that exists is 409, also one that a decision created, and changes nothing")
    func conflict() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        let reply = try await server.admin.createTenant(["id": "acme", "plan": "starter"])
        expectProblem(reply, 409)
        let read = try await server.admin.get("/api/admin/tenants/acme")
        #expect(read["plan"] == "free")
    }

    @Test("a tenant that does not exist is 404")
    func missing() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.get("/api/admin/tenants/acme"), 404)
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ("time_zone", "Mars/Olympus"), ("time_zone", ""), ("time_zone", "../../etc/passwd"),
            ("time_zone", "Africa/Lagos\n"), ("time_zone", "GMT+99"), ("time_zone", 5),
            ("billing_anchor", "2026-02-30T00:00"), ("billing_anchor", "2026-01-31T24:00"),
            ("billing_anchor", "2026-01-31T00:60"), ("billing_anchor", "31.01.2026"),
            ("billing_anchor", "2026-01-31T00:00Z"), ("billing_anchor", "0000-01-01T00:00"),
            ("billing_anchor", "99999-01-01T00:00"), ("billing_anchor", 31),
            ("billing_interval", "day"), ("billing_interval", "Month"),
            ("currency", "ngn"), ("currency", "NAIRA"), ("currency", ""), ("currency", "₦₦₦"),
            ("status", "asleep"), ("name", ""), ("name", 5), ("plan", ""), ("plan", 5),
            ("organization", []),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        var body = JSONObject()
        body["id"] = "acme"
        body[name] = value
        let reply = try await server.admin.createTenant(.object(body))
        expectProblem(reply, 422, pointer: "/\(name)")
        expectProblem(try await server.admin.get("/api/admin/tenants/acme"), 404)
    }

    @Test("the id is required")
    func idRequired() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.createTenant([:]), 422, pointer: "/id")
    }

    @Test("a list is read page by page, in a stable order, each element once")
    func list() async throws {
        let server = try await TestServer()
        let ids = ["zeta", "alpha", "é", "e\u{301}", "a}{b", "alpha2", "Z"]
        for id in ids { _ = try await server.admin.createTenant(["id": .string(id)]) }
        var found: [String] = []
        var query = "?limit=3"
        var pages = 0
        while true {
            let reply = try await server.admin.get("/api/admin/tenants\(query)")
            #expect(reply.status == 200)
            let items = reply["items"]?.arrayValue ?? []
            #expect(items.count <= 3)
            found += items.compactMap { $0["id"]?.stringValue }
            pages += 1
            guard pages < 10, let cursor = reply["next_cursor"]?.stringValue else { break }
            #expect(cursor.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            query = "?limit=3&cursor=\(cursor)"
        }
        #expect(pages == 3)
        #expect(
            found.map { Array($0.utf8) }
                == ids.map { Array($0.utf8) }
                .sorted {
                    $0.lexicographicallyPrecedes($1)
                })
    }

    @Test("a full last page has no cursor")
    func fullPage() async throws {
        let server = try await TestServer()
        for id in ["a", "b"] { _ = try await server.admin.createTenant(["id": .string(id)]) }
        let reply = try await server.admin.get("/api/admin/tenants?limit=2")
        #expect(reply["items"]?.arrayValue?.count == 2)
        #expect(reply["next_cursor"] == .null)
        let empty = try await TestServer().admin.get("/api/admin/tenants")
        #expect(Reply.names(empty.json) == ["items", "next_cursor"])
        #expect(empty["items"] == [])
    }

    @Test("a change takes a reason, in the body or as a header, and notes it")
    func reason() async throws {
        let server = try await TestServer()
        let inBody = try await server.admin.createTenant(["id": "a", "reason": "first sale"])
        let inHeader = try await server.admin.post(
            "/api/admin/tenants", ["id": "b"], headers: ["X-Weir-Reason": "second sale"])
        #expect(inBody.status == 201)
        #expect(inHeader.status == 201)
        #expect(server.logs.lines.contains { $0.contains("first sale") })
        #expect(server.logs.lines.contains { $0.contains("second sale") })
    }
}
