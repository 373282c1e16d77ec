import QuotaTesting
import StrictJSON
import Testing

@Suite("the audit")
struct AuditTests {
    private static let members = [
        "action", "actor", "at", "details", "number", "reason", "subject", "tenant",
    ]

    /// Does something and expects it to leave these entries, newest first, each with the reason.
    private func expectEntries(
        _ actions: [String],
        on server: TestServer,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (String) async throws -> Reply
    ) async throws {
        let before = try await server.admin.audit().first?.integer("number") ?? 0
        let reason = "because of \(actions.first ?? "nothing")"
        let reply = try await change(reason)
        let entries = try await server.admin.audit().filter { $0.integer("number") > before }
        #expect(
            entries.map { $0.string("action") } == actions, "\(reply.status) \(reply.text)",
            sourceLocation: sourceLocation)
        for entry in entries {
            #expect(Reply.names(entry) == Self.members, sourceLocation: sourceLocation)
            #expect(entry["reason"] == .string(reason), sourceLocation: sourceLocation)
            #expect(entry["actor"] == "admin", sourceLocation: sourceLocation)
            #expect(!entry.string("subject").isEmpty, sourceLocation: sourceLocation)
            #expect(
                entry.string("at") == "2026-11-21T10:00:00.123Z", sourceLocation: sourceLocation)
        }
    }

    /// A change of one path and body, with a reason in the body, or in the header without one.
    private func change(
        _ method: String,
        _ path: String,
        _ body: JSONValue?,
        _ action: String,
        on server: TestServer,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectEntries([action], on: server, sourceLocation: sourceLocation) { reason in
            if let body {
                return try await server.admin.send(
                    method, "/api/admin/\(path)",
                    bytes: body.with("reason", .string(reason)).encodedBytes)
            }
            return try await server.admin.send(
                method, "/api/admin/\(path)", headers: ["X-Weir-Reason": reason])
        }
    }

    @Test("each change of tenants, plans, meters and organizations leaves exactly one entry")
    func directory() async throws {
        let server = try await TestServer()
        let limits: JSONValue = [.limit(5, "api_calls", per: "day")]
        for (method, path, body, action) in [
            ("POST", "tenants", ["id": "acme"], "tenant.create"),
            ("PATCH", "tenants/acme", ["name": "Acme"], "tenant.update"),
            ("PUT", "tenants/acme", ["name": "Acme"], "tenant.update"),
            ("PUT", "tenants/globex", ["name": "Globex"], "tenant.create"),
            ("DELETE", "tenants/globex", nil, "tenant.close"),
            ("PUT", "tenants/initech", ["name": "Initech"], "tenant.create"),
            ("DELETE", "tenants/initech", [:], "tenant.close"),
            ("POST", "plans", ["id": "gold", "limits": limits], "plan.create"),
            ("PUT", "plans/gold", ["limits": limits], "plan.update"),
            ("PUT", "plans/tin", ["limits": limits], "plan.create"),
            ("DELETE", "plans/tin", [:], "plan.delete"),
            ("POST", "meters", ["id": "gpu", "kind": "counter"], "meter.create"),
            ("PUT", "meters/gpu", ["kind": "counter", "record": "hourly"], "meter.update"),
            ("PUT", "meters/seats", ["kind": "allocation"], "meter.create"),
            ("POST", "organizations", ["id": "corp", "limits": limits], "organization.create"),
            ("PATCH", "organizations/corp", ["name": "Corp"], "organization.update"),
            ("PUT", "organizations/corp", ["name": "Corp"], "organization.update"),
            ("DELETE", "organizations/corp", [:], "organization.delete"),
            ("POST", "quota/cache/clear", nil, "cache.clear"),
        ] as [(String, String, JSONValue?, String)] {
            try await change(method, path, body, action, on: server)
        }
    }

    @Test("each change of keys leaves exactly one entry")
    func keys() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        for (kind, prefix) in [("keys", "key"), ("service-keys", "service_key")] {
            var body: JSONValue = ["name": "prod"]
            if kind == "keys" { body = body.with("tenant", "acme") }
            try await change("POST", kind, body, "\(prefix).create", on: server)
            let list = try await server.admin.items(of: "/api/admin/\(kind)")
            let path = "\(kind)/\(list[0].string("id"))"
            try await change("PATCH", path, ["name": "blue"], "\(prefix).update", on: server)
            try await change("POST", path + "/rotate", [:], "\(prefix).rotate", on: server)
            try await change("DELETE", path, [:], "\(prefix).revoke", on: server)
            let other = try await server.admin.post("/api/admin/\(kind)", body).string("id")
            try await change(
                "PATCH", "\(kind)/\(other)", ["status": "revoked"], "\(prefix).revoke", on: server)
        }
    }

    @Test("each correction and each import leaves exactly one entry")
    func corrections() async throws {
        let server = try await TestServer()
        _ = try await server.suspectReservation([(5, "ai_tokens")])
        _ = try await server.admin.consume(5, "ai_tokens")
        try server.move(to: "2026-11-21T10:00:00.123Z")
        let grant = try await server.admin.items(of: "/api/admin/suspect")[0].string("grant")
        let override = "tenants/acme/overrides/api_calls/month"
        let month: JSONValue = ["meter": "ai_tokens", "window": "month"]
        let credit: JSONValue = ["tenant": "acme", "meter": "ai_tokens", "amount": -1]
        let tenants: JSONValue = ["kind": "tenants", "items": [["id": "x"], ["id": "y"]]]
        let keys: JSONValue = ["kind": "keys", "items": [["tenant": "acme", "name": "x"]]]
        let usage: JSONValue = [
            "kind": "usage", "items": [["tenant": "acme", "date": "2026-11-20", "units": 1]],
        ]
        for (method, path, body, action) in [
            ("POST", "suspect/\(grant)/resolve", ["used": 2], "suspect.resolve"),
            ("PUT", override, ["limit": 5], "override.put"),
            ("PUT", override, ["limit": 6], "override.put"),
            ("DELETE", override, nil, "override.delete"),
            ("POST", "adjustments", credit, "adjustment.create"),
            ("POST", "tenants/acme/reset", month, "limit.reset"),
            ("POST", "import", tenants, "import.tenants"),
            ("POST", "import", keys, "import.keys"),
            ("POST", "import", usage, "import.usage"),
        ] as [(String, String, JSONValue?, String)] {
            try await change(method, path, body, action, on: server)
        }
    }

    @Test("what fails and what only reads or decides leaves none")
    func none() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let number = try await server.admin.audit().first?.integer("number")
        let admin = server.admin
        let failures = [
            try await admin.createTenant(["id": "acme"]),
            try await admin.createTenant(["id": ""]),
            try await admin.patchTenant("nobody", ["name": "x"]),
            try await admin.patchTenant("acme", ["status": "asleep"]),
            try await admin.delete("/api/admin/tenants/nobody"),
            try await admin.delete("/api/admin/plans/free"),
            try await admin.put("/api/admin/meters/api_calls", ["kind": "allocation"]),
            try await admin.override(["limit": -1]),
            try await admin.override(["limit": 1], of: "nobody"),
            try await admin.delete("/api/admin/tenants/acme/overrides/api_calls/month"),
            try await admin.reset("team_members", "none"),
            try await admin.reset("api_calls", "decade"),
            try await admin.adjust(-5, "ai_tokens"),
            try await admin.adjust(5, "ai_tokens", tenant: "nobody"),
            try await admin.post("/api/admin/suspect/node.9.9/resolve", ["used": 1]),
            try await admin.post("/api/admin/keys/\(key.id)/rotate", ["overlap_seconds": -1]),
            try await admin.patch("/api/admin/keys/k_nobody", ["name": "x"]),
            try await admin.delete("/api/admin/organizations/nobody"),
            try await admin.importing("tenants", []),
            try await server.bearer(key.text).createTenant(["id": "x"]),
            try await server.anonymous.createTenant(["id": "x"]),
        ]
        #expect(failures.allSatisfy { (400..<500).contains($0.status) })
        _ = try await admin.consume(1, "api_calls")
        _ = try await admin.consume(1, "api_calls", tenant: "newcomer")
        _ = try await admin.allocate(1)
        _ = try await admin.batch("consume", [["tenant": "acme"]])
        _ = try await admin.get("/api/admin/tenants")
        #expect(try await admin.audit().first?.integer("number") == number)
    }

    @Test("newest first, by tenant, action and subject, page by page")
    func filters() async throws {
        let server = try await TestServer()
        for tenant in ["acme", "globex", "a}{b/é"] {
            _ = try await server.admin.createTenant(["id": .string(tenant)])
            server.clock.advanceSeconds(1)
            _ = try await server.admin.override(["limit": 1], of: tenant)
            _ = try await server.admin.override(["limit": 2], of: tenant)
        }
        let all = try await server.admin.audit()
        #expect(all.count == 9)
        let numbers = all.map { $0.integer("number") }
        #expect(numbers == numbers.sorted(by: >))
        #expect(Set(numbers).count == 9)
        for size in [1, 2, 4, 9] {
            let paged = try await server.admin.items(of: "/api/admin/audit", pageSize: size)
            #expect(paged == all)
            let puts = try await server.admin.items(
                of: "/api/admin/audit?action=override.put&tenant=acme", pageSize: size)
            #expect(puts.count == 2)
            #expect(puts.allSatisfy { $0["tenant"] == "acme" && $0["action"] == "override.put" })
        }
        let odd = try await server.admin.audit("tenant=" + "a}{b/é".percentEncoded)
        #expect(odd.count == 3)
        let subject = odd[0].string("subject").percentEncoded
        #expect(try await server.admin.audit("subject=\(subject)").contains(odd[0]))
        #expect(try await server.admin.audit("tenant=nobody").isEmpty)
        #expect(try await server.admin.audit("action=tenant.create").count == 3)
        expectProblem(try await server.admin.get("/api/admin/audit?actor=x"), 422)
    }

    @Test("entries that come while the list is read neither repeat nor hide any")
    func whileReading() async throws {
        let server = try await TestServer()
        for index in 0..<7 {
            _ = try await server.admin.createTenant(["id": .string("t\(index)")])
        }
        let before = try await server.admin.audit().map { $0.integer("number") }
        var found: [Int64] = []
        var query = "/api/admin/audit?limit=2"
        for index in 0..<20 {
            let page = try await server.admin.get(query)
            found += page.items.map { $0.integer("number") }
            _ = try await server.admin.createTenant(["id": .string("late\(index)")])
            guard let cursor = page["next_cursor"]?.stringValue else { break }
            query = "/api/admin/audit?limit=2&cursor=\(cursor)"
        }
        #expect(found == before)
    }

    @Test("a reason is kept whole or refused")
    func nullCharacter() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let change: JSONValue = ["name": "n", "reason": "before\u{0}after"]
        expectProblem(
            try await server.admin.patchTenant("acme", change), 422, pointer: "/reason")
    }

    @Test("a reason has at most 1,024 bytes", arguments: [true, false])
    func longReasons(isHeader: Bool) async throws {
        let server = try await TestServer()
        for (length, status) in [(1024, 201), (1025, 422)] {
            let reason = String(repeating: "x", count: length)
            let body: JSONValue = ["id": .string("t\(length)")]
            let reply =
                isHeader
                ? try await server.admin.post(
                    "/api/admin/tenants", body, headers: ["X-Weir-Reason": reason])
                : try await server.admin.createTenant(body.with("reason", .string(reason)))
            #expect(reply.status == status)
        }
        #expect(try await server.admin.audit().count == 1)
        expectProblem(
            try await server.admin.createTenant(["id": "x", "reason": 5]), 422,
            pointer: "/reason")
    }
}
