import StrictJSON
import Testing

@Suite("import of tenants")
struct ImportTenantTests {
    private static let path = "/api/admin/import"
    private static let calls = "tenant:api_calls/month"

    @Test("tenants are created as POST would, and a failed row says where and why")
    func create() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.importing(
            "tenants",
            [
                [
                    "id": "acme", "name": "Acme", "plan": "starter", "currency": "NGN",
                    "time_zone": "Africa/Lagos", "billing_anchor": "2026-01-31T00:00",
                ],
                ["id": "a\nb"], ["name": "no id"], ["id": "globex", "status": "suspended"],
                ["id": "x", "time_zone": "Mars/Olympus"], 5, ["id": "y", "colour": "red"],
                ["id": "{}/.."],
            ])
        #expect(reply.status == 200)
        #expect(
            Reply.names(reply.json) == [
                "created", "failed", "keys", "skipped", "updated", "warnings",
            ])
        #expect(reply["warnings"] == [])
        #expect(reply["created"] == 3)
        #expect(reply["updated"] == 0)
        #expect(reply["skipped"] == 0)
        #expect(reply["keys"] == [])
        let failed = reply["failed"]?.arrayValue ?? []
        #expect(failed.map { $0.integer("index") } == [1, 2, 4, 5, 6])
        #expect(failed.allSatisfy { Reply.names($0) == ["detail", "index"] })
        #expect(failed.allSatisfy { !$0.string("detail").isEmpty })
        let tenant = try await server.admin.get("/api/admin/tenants/acme")
        #expect(tenant["plan"] == "starter")
        #expect(tenant["time_zone"] == "Africa/Lagos")
        #expect(tenant["billing_anchor"] == "2026-01-31T00:00")
        #expect(try await server.admin.consume(1, "api_calls", tenant: "globex").status == 403)
        #expect(try await server.admin.items(of: "/api/admin/tenants").count == 3)
    }

    @Test("a plan and an organization that do not exist are said, once")
    func warnings() async throws {
        let server = try await TestServer()
        let items: [JSONValue] = [
            ["id": "a", "plan": "starterr"], ["id": "b", "plan": "starterr"],
            ["id": "c", "organization": "holding"], ["id": "d", "plan": "pro"],
        ]
        let reply = try await server.admin.importing("tenants", items)
        #expect(reply["created"] == 4)
        let warnings = reply["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(warnings.count == 2)
        #expect(warnings.first?.contains("\"starterr\"") == true)
        #expect(warnings.last?.contains("\"holding\"") == true)
        let again = try await server.admin.importing("tenants", items)
        #expect(again["warnings"] == [], "nothing was taken")
    }

    @Test("a tenant that exists is skipped, or updated when asked to")
    func conflicts() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(900, "api_calls")
        let items: [JSONValue] = [["id": "acme", "plan": "starter"], ["id": "new"]]
        for onConflict in [nil, "skip"] {
            let skipped = try await server.admin.importing(
                "tenants", items, onConflict: onConflict)
            #expect(skipped["skipped"] == (onConflict == nil ? 1 : 2))
            #expect(skipped["created"] == (onConflict == nil ? 1 : 0))
            #expect(try await server.admin.get("/api/admin/tenants/acme")["plan"] == "free")
        }
        expectRefusal(try await server.admin.consume(101, "api_calls"), by: Self.calls)
        let updated = try await server.admin.importing("tenants", items, onConflict: "update")
        #expect(updated["updated"] == 2)
        #expect(updated["created"] == 0)
        #expect(try await server.admin.get("/api/admin/tenants/acme")["plan"] == "starter")
        let reply = try await server.admin.consume(101, "api_calls")
        #expect(reply.used(Self.calls) == 1001)
    }

    @Test("what a list shows can be imported, and importing it again changes nothing")
    func listed() async throws {
        let origin = try await TestServer()
        _ = try await origin.admin.createTenant(["id": "acme", "plan": "starter"])
        _ = try await origin.admin.createTenant(["id": "é", "time_zone": "Asia/Kolkata"])
        let items = try await origin.admin.items(of: "/api/admin/tenants")
        let server = try await TestServer(at: "2026-12-24T00:00:00Z")
        let first = try await server.admin.importing("tenants", items)
        #expect(first["created"] == 2)
        #expect(first["failed"] == [])
        let before = try await server.admin.items(of: "/api/admin/tenants")
        for onConflict in ["skip", "update"] {
            let again = try await server.admin.importing("tenants", items, onConflict: onConflict)
            #expect(again["created"] == 0)
            #expect(again["failed"] == [])
            #expect(try await server.admin.items(of: "/api/admin/tenants") == before)
        }
    }

    @Test("the same id twice in one import is one tenant")
    func twice() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.importing(
            "tenants", [["id": "acme", "plan": "starter"], ["id": "acme", "plan": "pro"]])
        #expect(reply["created"] == 1)
        #expect(reply.json.integer("skipped") + Int64(reply["failed"]?.arrayValue?.count ?? 0) == 1)
        #expect(try await server.admin.get("/api/admin/tenants/acme")["plan"] == "starter")
    }

    @Test("1 to 10,000 items", arguments: [(0, 422), (1, 200), (10_000, 200), (10_001, 422)])
    func count(items: Int, status: Int) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.importing(
            "tenants", (0..<items).map { ["id": .string("t\($0)")] })
        if status == 200 {
            #expect(reply.status == 200)
            #expect(reply["created"] == .integer(Int64(items)))
        } else {
            expectProblem(reply, status, pointer: "/items")
            #expect(try await server.admin.get("/api/admin/tenants").items.isEmpty)
        }
    }

    @Test("a body may have 4 MiB here", arguments: [(4_194_304, 200), (4_194_305, 413)])
    func size(bytes: Int, status: Int) async throws {
        let server = try await TestServer()
        let body = #"{"kind":"tenants","items":[{"id":"acme"}]}"#
        let padded = body + String(repeating: " ", count: bytes - body.utf8.count)
        let reply = try await server.admin.post(Self.path, text: padded)
        #expect(reply.status == status)
        if status != 200 { expectProblem(reply, status) }
    }

    @Test(
        "kind, items and on_conflict are checked where they stand",
        arguments: [
            (#"{"items":[{}]}"#, "/kind"), (#"{"kind":"plans","items":[{}]}"#, "/kind"),
            (#"{"kind":"tenants"}"#, "/items"), (#"{"kind":"tenants","items":{}}"#, "/items"),
            (#"{"kind":"tenants","items":[{}],"on_conflict":"fail"}"#, "/on_conflict"),
            (#"{"kind":"tenants","items":[{}],"dry_run":true}"#, "/dry_run"),
        ])
    func wrongBody(body: String, pointer: String) async throws {
        let server = try await TestServer()
        expectProblem(
            try await server.admin.post(Self.path, text: body), 422, pointer: pointer)
    }
}
