import StrictJSON
import Testing

/// Case 10 of the fault list, on every route that names a tenant.
@Suite("tenant ids on every route")
struct TenantEverywhereTests {
    private static let tokens = "tenant:ai_tokens/month"

    @Test("a legal id is one tenant on every route", arguments: IdentifierTests.legalIDs)
    func legal(id: String) async throws {
        let server = try await TestServer()
        let (admin, name) = (server.admin, id.percentEncoded)
        let path = "/api/admin/tenants/\(name)"
        _ = try await admin.consume(9, "ai_tokens", tenant: "bystander")
        #expect(try await admin.put(path, ["name": "x"]).status == 201)
        #expect(try await admin.patch(path, ["plan": "starter"])["id"] == .string(id))
        #expect(
            try await admin.override(["limit": 100], of: id, on: "ai_tokens/month").status == 201)
        let override = try await admin.get(path + "/overrides/ai_tokens/month")
        #expect(override["tenant"] == .string(id))
        let batch = try await admin.batch("consume", [.charging(1, "ai_tokens", tenant: id)])
        #expect(batch["results", 0, "tenant"] == .string(id))
        let query = "tenant=\(name)&meter=ai_tokens&amount=2"
        #expect(try await admin.forwardAuth(query).status == 204)
        #expect(try await admin.allocate(2, tenant: id)["tenant"] == .string(id))
        let adjusted = try await admin.adjust(4, "ai_tokens", tenant: id)
        #expect(adjusted["tenant"] == .string(id))
        let row: JSONValue = [
            "tenant": .string(id), "meter": "ai_tokens", "date": "2026-11-20", "units": 8,
        ]
        #expect(try await admin.importing("usage", [row])["created"] == 1)
        let key = try await admin.createKey(of: id)
        #expect(try await admin.items(of: "/api/admin/keys?tenant=\(name)").count == 1)
        let keyed = try await server.bearer(key.text).consume(16, "ai_tokens", tenant: id)
        #expect(keyed.used(Self.tokens) == 31)
        let held = try await admin.reserve(.charging(3, "ai_tokens", tenant: id))
        #expect(held.status == 201)
        let open = try await admin.items(of: "/api/admin/reservations?tenant=\(name)")
        #expect(open.map { $0.string("tenant") } == [id])
        #expect(try await admin.void(held.string("reservation_id")).status == 200)

        #expect(try await admin.usage(name).used(Self.tokens) == 31)
        #expect(try await admin.usage(name).allocated("tenant:team_members/none") == 2)
        let report = try await admin.get(path + "/usage?group_by=meter&meter=ai_tokens")
        #expect(report["tenant"] == .string(id))
        #expect(report.items.map { $0["units"] } == [31])
        #expect(try await admin.periods(("ai_tokens", "month"), of: id).map { $0["used"] } == [31])
        let reset = try await admin.reset("ai_tokens", "month", tenant: id)
        #expect(reset["closed", "used"] == 31)
        let entries = try await admin.audit("tenant=\(name)")
        #expect(entries.count >= 5)
        #expect(entries.allSatisfy { $0["tenant"] == .string(id) })
        #expect(try await admin.delete(path).status == 204)
        #expect(try await admin.usage("bystander").used(Self.tokens) == 9)
        #expect(try await admin.items(of: "/api/admin/tenants").count == 2)
    }

    @Test("an id that is none is refused on every route", arguments: IdentifierTests.illegalIDs)
    func illegal(id: String) async throws {
        let server = try await TestServer()
        let (admin, name) = (server.admin, id.percentEncoded)
        let inBody = [
            try await admin.allocate(1, tenant: id),
            try await admin.adjust(1, "ai_tokens", tenant: id),
            try await admin.post("/api/admin/keys", ["tenant": .string(id), "name": "x"]),
        ]
        for reply in inBody { expectProblem(reply, 422, pointer: "/tenant") }
        let batch = try await admin.batch("consume", [.charging(1, "api_calls", tenant: id)])
        #expect(batch.statuses == [422])
        #expect(batch["results", 0, "pointer"] == "/items/0/tenant")
        for kind in ["tenants", "keys", "usage"] {
            let row: JSONValue =
                kind == "tenants"
                ? ["id": .string(id)]
                : kind == "keys"
                    ? ["tenant": .string(id), "name": "x"]
                    : ["tenant": .string(id), "date": "2026-11-20", "units": 1]
            let reply = try await admin.importing(kind, [row])
            #expect(reply["created"] == 0, "\(kind)")
            #expect(reply["failed"]?.arrayValue?.count == 1, "\(kind)")
        }
        let organization = try await admin.createTenant([
            "id": "acme", "organization": .string(id),
        ])
        expectProblem(organization, 422, pointer: "/organization")
        expectProblem(try await admin.forwardAuth("tenant=\(name)"), 422)
        for list in ["keys", "reservations", "suspect", "audit"] where !id.isEmpty {
            let reply = try await admin.get("/api/admin/\(list)?tenant=\(name)")
            #expect([200, 422].contains(reply.status), "\(list)")
            if reply.status == 200 { #expect(reply.items.isEmpty) }
        }
        guard !id.isEmpty else { return }
        let path = "/api/admin/tenants/\(name)"
        let inPath = [
            try await admin.put(path, ["name": "x"]), try await admin.patch(path, ["name": "x"]),
            try await admin.delete(path), try await admin.get(path + "/periods"),
            try await admin.get(path + "/usage"), try await admin.get(path + "/events"),
            try await admin.get(path + "/overrides"),
            try await admin.override(["limit": 1], of: id),
            try await admin.reset("api_calls", "month", tenant: id),
        ]
        for reply in inPath {
            #expect([404, 422].contains(reply.status))
            expectProblem(reply, reply.status)
        }
        #expect(try await admin.items(of: "/api/admin/tenants").isEmpty)
        #expect(try await admin.items(of: "/api/admin/overrides").isEmpty)
    }

    @Test("no two ids meet, whatever separates their parts")
    func collisions() async throws {
        let server = try await TestServer()
        let ids = [
            "a", "a:b", "a/b", "a|b", "a}{b", "{a}", "{}", "a b", "a%2Fb", "a\u{2F}\u{2F}b", "../a",
            "a:api_calls/month", "tenant:a", "é", "e\u{301}", "A",
        ]
        for (index, id) in ids.enumerated() {
            let units = Int64(index + 1)
            _ = try await server.admin.consume(units, "ai_tokens", tenant: id)
            _ = try await server.admin.adjust(units, "ai_tokens", tenant: id)
            _ = try await server.admin.override(
                ["limit": .integer(1000 + units)], of: id, on: "ai_tokens/month")
        }
        for (index, id) in ids.enumerated() {
            let units = Int64(index + 1)
            let usage = try await server.admin.usage(id.percentEncoded)
            #expect(usage.used(Self.tokens) == 2 * units, "\(id)")
            #expect(usage.limit(Self.tokens)?["limit"]?.integerValue == 1000 + units, "\(id)")
            let events = try await server.admin.events(id)
            #expect(events.reduce(0) { $0 + $1.integer("units") } == 2 * units, "\(id)")
        }
    }

    @Test("broken percent-encoding is refused on every path", arguments: ["%", "%zz", "%FF"])
    func brokenEncoding(text: String) async throws {
        let server = try await TestServer()
        for path in [
            "/api/admin/tenants/\(text)/usage", "/api/admin/tenants/\(text)/events",
            "/api/admin/tenants/\(text)/periods", "/api/admin/tenants/\(text)/overrides",
            "/api/admin/organizations/\(text)", "/api/admin/meters/\(text)",
            "/api/admin/service-keys/\(text)", "/api/admin/audit?tenant=\(text)",
            "/api/v1/forward-auth?tenant=\(text)",
        ] {
            expectProblem(try await server.admin.get(path), 400, "\(path)")
        }
        let put = try await server.admin.put(
            "/api/admin/tenants/\(text)/overrides/api_calls/month", ["limit": 1])
        expectProblem(put, 400)
    }
}
