import StrictJSON
import Testing

@Suite("administration of meters")
struct MeterAdminTests {
    private static let path = "/api/admin/meters"

    @Test("the built-in meters are there")
    func builtIn() async throws {
        let server = try await TestServer()
        let found = try await server.admin.items(of: Self.path, pageSize: 2)
        let kinds = Dictionary(
            found.map { ($0.string("id"), $0.string("kind")) }, uniquingKeysWith: { $1 })
        #expect(kinds["api_calls"] == "counter")
        #expect(kinds["ai_tokens"] == "counter")
        for meter in ["storage_gb", "team_members", "projects"] {
            #expect(kinds[meter] == "allocation")
        }
        #expect(found.count == kinds.count)
        #expect(try await server.admin.get(Self.path + "/api_calls")["record"] == "hourly")
        #expect(try await server.admin.get(Self.path + "/ai_tokens")["record"] == "event")
    }

    @Test("a meter of one's own is created, read, changed and used")
    func story() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.consume(1, "gpu_seconds"), 422)
        let created = try await server.admin.post(
            Self.path, ["id": "gpu_seconds", "kind": "counter"])
        #expect(created.status == 201)
        #expect(created["record"] == "event")
        #expect(Reply.names(created.json) == ["id", "kind", "record"])
        expectProblem(
            try await server.admin.post(Self.path, ["id": "gpu_seconds", "kind": "counter"]), 409)
        let read = try await server.admin.get(Self.path + "/gpu_seconds")
        #expect(read.json.canonicalBytes == created.json.canonicalBytes)
        let reply = try await server.admin.consume(30, "gpu_seconds")
        #expect(reply.status == 200)
        #expect(reply["limits", 0, "unlimited"] == true)
        #expect(reply["limits", 0, "used"] == 30)
        let events = try await server.admin.events("acme", "meter=gpu_seconds")
        #expect(events.map { $0["units"] } == [30])
        _ = try await server.admin.putPlan("free", [.limit(40, "gpu_seconds", per: "month")])
        expectRefusal(
            try await server.admin.consume(11, "gpu_seconds"), by: "tenant:gpu_seconds/month")
        let changed = try await server.admin.put(
            Self.path + "/gpu_seconds", ["kind": "counter", "record": "hourly"])
        #expect(changed.status == 200)
        #expect(changed["record"] == "hourly")
        #expect(try await server.admin.consume(5, "gpu_seconds").status == 200)
        #expect(try await server.admin.events("acme", "meter=gpu_seconds").count == 1)
        let report = try await server.admin.get(
            "/api/admin/tenants/acme/usage?meter=gpu_seconds")
        #expect(report.items.reduce(0) { $0 + $1.integer("units") } == 35)
    }

    @Test("PUT creates with 201, keeps with 200, and never changes the kind")
    func put() async throws {
        let server = try await TestServer()
        let path = Self.path + "/seats"
        let body: JSONValue = ["id": "seats", "kind": "allocation", "record": "event"]
        #expect(try await server.admin.put(path, body).status == 201)
        #expect(try await server.admin.put(path, body).status == 200)
        expectProblem(try await server.admin.put(path, ["kind": "counter"]), 409)
        expectProblem(
            try await server.admin.put(Self.path + "/api_calls", ["kind": "allocation"]), 409)
        #expect(try await server.admin.get(path)["kind"] == "allocation")
        #expect(try await server.admin.allocate(1, "seats").status == 200)
        expectProblem(try await server.admin.put(path, body.with("id", "other")), 422)
        expectProblem(try await server.admin.get(Self.path + "/nothing"), 404)
    }

    @Test(
        "wrong values are refused where they stand",
        arguments: [
            ("id", nil), ("id", ""), ("id", "a\nb"), ("id", 5), ("kind", nil), ("kind", "gauge"),
            ("kind", 1), ("record", "daily"), ("record", 1), ("unit", "s"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        let count = try await server.admin.items(of: Self.path).count
        let body: JSONValue = ["id": "gpu_seconds", "kind": "counter"]
        expectProblem(
            try await server.admin.post(Self.path, body.with(name, value)), 422,
            pointer: "/\(name)")
        #expect(try await server.admin.items(of: Self.path).count == count)
    }
}
