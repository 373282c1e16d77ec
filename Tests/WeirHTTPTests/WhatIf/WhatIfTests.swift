import StrictJSON
import Testing

@Suite("POST /api/admin/whatif")
struct WhatIfTests {
    private func ask(
        _ server: TestServer,
        _ limits: JSONValue,
        id: String = "free",
        _ members: JSONValue = [:]
    ) async throws -> Reply {
        var body: JSONValue = ["plan": ["id": .string(id), "limits": limits], "since": "1h"]
        for member in members.objectValue?.members ?? [] {
            body = body.with(member.name, member.value)
        }
        return try await server.admin.post("/api/admin/whatif", body)
    }

    /// Three tenants: two on `free`, one on `starter`, with some tokens each.
    private func use(_ server: TestServer) async throws {
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.createTenant(["id": "globex", "plan": "unknown"])
        _ = try await server.admin.createTenant(["id": "initech", "plan": "starter"])
        for units in [Int64(10), 20, 30] {
            server.clock.advanceSeconds(60)
            for tenant in ["acme", "initech"] {
                let reply = try await server.admin.consume(units, "ai_tokens", tenant: tenant)
                #expect(reply.status == 200)
            }
        }
        _ = try await server.admin.consume(5, "ai_tokens", tenant: "globex")
        server.clock.advanceSeconds(60)
    }

    @Test(
        "row F: tells who a new plan would have refused, when, and by which limit",
        arguments: TestServer.Store.allCases)
    func answer(store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            try await use(server)
            let reply = try await ask(
                server,
                [
                    .limit(29, "ai_tokens", per: "month"),
                    .limit(15, "ai_tokens", per: "minute").with("mode", "shadow"),
                    .limit(1, "api_calls", per: "second"),
                ])
            #expect(reply.status == 200, "\(reply.text)")
            #expect(reply["plan"] == "free")
            #expect(reply["tenants"] == 2, "a plan that does not exist falls back to free")
            #expect(reply["refused_tenants"] == 1)
            #expect(reply["refused_requests"] == 2)
            #expect(reply["rows_read"] == 4)
            let rows = reply["refusals"]?.arrayValue ?? []
            #expect(rows.map { $0.string("tenant") } == ["acme", "acme"])
            #expect(
                rows.map { $0.string("limit") } == [
                    "tenant:ai_tokens/month", "tenant:ai_tokens/minute",
                ])
            #expect(rows.map { $0.string("mode") } == ["enforce", "shadow"])
            #expect(rows.map { $0.integer("requests") } == [2, 2])
            #expect(rows.map { $0.integer("units") } == [50, 50])
            let events = try await server.admin.events("acme")
            #expect(events.count == 3)
            let instants = Set(events.map { $0.string("admitted_at") })
            #expect(instants.contains(rows[0].string("first_at")))
            #expect(rows[0]["at"]?.arrayValue?.count == 2)
            #expect(rows[0].string("first_at") < rows[0].string("last_at"))
            #expect(reply["limits", 2, "judged_by"] == .null)
            #expect(reply["truncated"] == false)
            let notes = reply["notes"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(notes.contains { $0.hasPrefix("tenant:api_calls/second: not judged") })
            // Nothing has changed.
            let usage = try await server.admin.usage()
            #expect(usage.used("tenant:ai_tokens/month") == 60)
            #expect(try await server.admin.get("/api/admin/plans/free")["limits", 0, "limit"] != 29)
        }
    }

    @Test("the tenants are those of a plan, or one")
    func tenants() async throws {
        let server = try await TestServer()
        try await use(server)
        let limits: JSONValue = [.limit(1, "ai_tokens", per: "day")]
        func judged(_ id: String, _ members: JSONValue) async throws -> [JSONValue?] {
            let reply = try await ask(server, limits, id: id, members)
            #expect(reply.status == 200, "\(reply.text)")
            return [reply["tenants"], reply["refused_requests"]]
        }
        #expect(try await judged("free", [:]) == [2, 4])
        #expect(try await judged("starter", [:]) == [1, 3])
        #expect(try await judged("new", ["tenants_of": "starter"]) == [1, 3])
        #expect(try await judged("new", ["tenant": "globex"]) == [1, 1])
        #expect(try await judged("new", ["tenants_of": "pro"]) == [0, 0])
    }

    @Test("since and until bound what is told")
    func bounds() async throws {
        let server = try await TestServer()
        try await use(server)
        let limits: JSONValue = [.limit(25, "ai_tokens", per: "month")]
        let all = try await ask(server, limits)
        #expect(all["refused_requests"] == 2)
        let last = try await ask(server, limits, ["since": "1m"])
        #expect(last["refused_requests"] == 1)
        let first = try await ask(server, limits, ["until": "1m"])
        #expect(first["refused_requests"] == 1)
        #expect(first["refusals", 0, "last_at"] == all["refusals", 0, "first_at"])
        let none = try await ask(server, limits, ["max_refusals": 0])
        #expect(none["refusals"] == [])
        #expect(none["truncated"] == true)
        #expect(none["refused_requests"] == 2)
    }

    /// What is wrong, and where the answer says it is.
    static let wrong: [(String, JSONValue, pointer: String)] = [
        ("no plan", ["since": "7d"], "/plan"),
        ("no since", ["plan": ["id": "free", "limits": []]], "/since"),
        ("no id", ["plan": ["limits": []], "since": "7d"], "/plan/id"),
        (
            "an unknown meter",
            [
                "plan": ["id": "free", "limits": [["meter": "x", "window": "day", "limit": 1]]],
                "since": "7d",
            ], "/plan/limits/0/meter"
        ),
        (
            "a limit twice",
            [
                "plan": [
                    "id": "free",
                    "limits": [
                        ["meter": "ai_tokens", "window": "day", "limit": 1],
                        ["meter": "ai_tokens", "window": "day", "limit": 2],
                    ],
                ], "since": "7d",
            ], "/plan/limits/1"
        ),
        ("a word", ["plan": ["id": "free", "limits": []], "since": "yesterday"], "/since"),
        ("a sign", ["plan": ["id": "free", "limits": []], "since": "-7d"], "/since"),
        ("a plus", ["plan": ["id": "free", "limits": []], "since": "+7d"], "/since"),
        (
            "too long ago", ["plan": ["id": "free", "limits": []], "since": "99999999999999999w"],
            "/since"
        ),
        ("now", ["plan": ["id": "free", "limits": []], "since": "0m"], "/since"),
        (
            "the future",
            ["plan": ["id": "free", "limits": []], "since": "2100-01-01T00:00:00Z"], "/since"
        ),
        (
            "after until",
            ["plan": ["id": "free", "limits": []], "since": "1h", "until": "2h"], "/since"
        ),
        (
            "both",
            [
                "plan": ["id": "free", "limits": []], "since": "1h", "tenant": "a",
                "tenants_of": "b",
            ],
            "/tenants_of"
        ),
        (
            "no such tenant",
            ["plan": ["id": "free", "limits": []], "since": "1h", "tenant": "a"], "/tenant"
        ),
        (
            "no such plan",
            ["plan": ["id": "free", "limits": []], "since": "1h", "tenants_of": "b"], "/tenants_of"
        ),
        ("a new plan", ["plan": ["id": "new", "limits": []], "since": "1h"], "/tenants_of"),
        (
            "too many rows",
            ["plan": ["id": "free", "limits": []], "since": "1h", "max_refusals": 10_001],
            "/max_refusals"
        ),
    ]

    @Test("what can't be meant is refused with its place", arguments: wrong)
    func invalid(name: String, body: JSONValue, pointer: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.post("/api/admin/whatif", body)
        expectProblem(reply, 422, pointer: pointer, "\(name): \(reply.text)")
    }

    @Test("a plan that does not exist says what to do")
    func advice() async throws {
        let server = try await TestServer()
        let reply = try await ask(server, [], id: "new")
        #expect(reply.string("detail").contains("name the plan whose tenants are judged"))
    }

    @Test("one runs at a time, and makes room when it has ended")
    func oneAtATime() async throws {
        let server = try await TestServer()
        try await use(server)
        let replies = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try await ask(server, []).status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(replies.contains(200))
        #expect(replies.allSatisfy { [200, 409].contains($0) })
        #expect(try await ask(server, []).status == 200)
    }
}
