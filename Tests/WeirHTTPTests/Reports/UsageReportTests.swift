import StrictJSON
import Testing

@Suite("usage reports")
struct UsageReportTests {
    private static let path = "/api/admin/tenants/acme/usage"

    /// A server with use on three days, by two keys and two models; and the key.
    private func server() async throws -> (TestServer, key: String) {
        let server = try await TestServer(at: "2026-11-19T23:59:59.999Z")
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let client = server.bearer(key.text)
        _ = try await client.consume(10, "ai_tokens", tenant: nil, model: "small")
        try server.move(to: "2026-11-20T00:00:00Z")
        _ = try await client.consume(20, "ai_tokens", tenant: nil, model: "large")
        _ = try await server.admin.consume(30, "ai_tokens", model: "small")
        try server.move(to: "2026-11-21T10:00:00Z")
        _ = try await server.admin.consume(40, "ai_tokens")
        _ = try await client.consume(3, "api_calls", tenant: nil)
        _ = try await server.admin.consume(4, "api_calls")
        _ = try await server.admin.consume(1000, "ai_tokens", tenant: "globex")
        return (server, key.id)
    }

    /// The rows of a report as `what meter units requests`, sorted.
    private func rows(_ query: String, _ name: String?, on server: TestServer)
        async throws -> [String]
    {
        let items = try await server.admin.items(of: "\(Self.path)?\(query)")
        return
            items.map { item in
                let what = name.map { item[$0]?.stringValue ?? "null" } ?? "-"
                let meter = item.string("meter")
                return "\(what) \(meter) \(item.integer("units")) \(item.integer("requests"))"
            }
            .sorted()
    }

    @Test("by day, which is the default")
    func byDay() async throws {
        let (server, _) = try await server()
        let expected = [
            "2026-11-19 ai_tokens 10 1", "2026-11-20 ai_tokens 50 2", "2026-11-21 ai_tokens 40 1",
            "2026-11-21 api_calls 7 2",
        ]
        #expect(try await rows("group_by=day", "date", on: server) == expected)
        #expect(try await rows("", "date", on: server) == expected)
        let reply = try await server.admin.get(Self.path)
        #expect(
            Reply.names(reply.json) == [
                "from", "group_by", "items", "next_cursor", "tenant", "to",
            ])
        #expect(reply["tenant"] == "acme")
        #expect(reply["from"] == "2026-11-01")
        #expect(reply["to"] == "2026-11-21")
        #expect(reply["group_by"] == "day")
        #expect(
            reply.items.allSatisfy {
                Reply.names($0) == ["date", "meter", "requests", "units"]
            })
    }

    @Test("by key, where use without one is booked under _service")
    func byKey() async throws {
        let (server, key) = try await server()
        let expected = [
            "\(key) ai_tokens 30 2", "\(key) api_calls 3 1", "_service ai_tokens 70 2",
            "_service api_calls 4 1",
        ]
        #expect(try await rows("group_by=key", "key", on: server) == expected.sorted())
    }

    @Test("by model, null where none was named")
    func byModel() async throws {
        let (server, _) = try await server()
        let expected = [
            "large ai_tokens 20 1", "null ai_tokens 40 1", "null api_calls 7 2",
            "small ai_tokens 40 2",
        ]
        #expect(try await rows("group_by=model", "model", on: server) == expected)
        let reply = try await server.admin.get(Self.path + "?group_by=model&meter=api_calls")
        #expect(reply.items.map { $0["model"] } == [.null])
    }

    @Test("by meter, and of one meter only")
    func byMeter() async throws {
        let (server, _) = try await server()
        #expect(
            try await rows("group_by=meter", nil, on: server)
                == ["- ai_tokens 100 4", "- api_calls 7 2"])
        #expect(
            try await rows("group_by=meter&meter=ai_tokens", nil, on: server)
                == ["- ai_tokens 100 4"])
        let reply = try await server.admin.get(Self.path + "?group_by=meter")
        #expect(reply.items.allSatisfy { Reply.names($0) == ["meter", "requests", "units"] })
    }

    @Test(
        "both bounds are included, and dates are those of UTC",
        arguments: [
            ("from=2026-11-19&to=2026-11-19", 10), ("from=2026-11-20&to=2026-11-20", 50),
            ("from=2026-11-19&to=2026-11-20", 60), ("from=2026-11-20", 90),
            ("to=2026-11-20", 60), ("from=2026-11-22&to=2026-11-30", 0),
            ("from=2020-01-01&to=2030-12-31", 100), ("from=2026-11-21&to=2026-11-21", 40),
        ] as [(String, Int64)])
    func bounds(query: String, units: Int64) async throws {
        let (server, _) = try await server()
        for group in ["day", "key", "model", "meter"] {
            let items = try await server.admin.items(
                of: "\(Self.path)?\(query)&group_by=\(group)&meter=ai_tokens")
            #expect(items.reduce(0) { $0 + $1.integer("units") } == units, "\(group)")
        }
    }

    @Test("pages follow each other, each group once", arguments: [1, 2, 3])
    func pages(size: Int) async throws {
        let (server, _) = try await server()
        for group in ["day", "key", "model", "meter"] {
            let query = "\(Self.path)?group_by=\(group)"
            let whole = try await server.admin.items(of: query)
            let paged = try await server.admin.items(of: query, pageSize: size)
            #expect(paged == whole, "\(group)")
            #expect(!whole.isEmpty)
        }
    }

    @Test("by default it begins with the month")
    func defaultMonth() async throws {
        let (server, _) = try await server()
        try server.move(to: "2026-12-01T00:00:00Z")
        _ = try await server.admin.consume(5, "ai_tokens")
        #expect(try await rows("", "date", on: server) == ["2026-12-01 ai_tokens 5 1"])
    }

    @Test(
        "wrong parameters are refused by name",
        arguments: [
            ("from=2026-02-30", "from"), ("to=2026-11", "to"), ("from=yesterday", "from"),
            ("group_by=hour", "group_by"), ("group_by=", "group_by"), ("meter=gpu_hours", "meter"),
            ("from=2026-11-21&to=2026-11-20", ""), ("by=day", "by"), ("limit=0", "limit"),
            ("from=2026-11-01T00:00:00Z", "from"), ("cursor=%2A", "cursor"),
        ])
    func wrongParameters(query: String, name: String) async throws {
        let (server, _) = try await server()
        let reply = try await server.admin.get("\(Self.path)?\(query)")
        expectProblem(reply, 422, "\(query)")
        #expect(name.isEmpty || reply.string("detail").contains(name), "\(reply.text)")
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody/usage"), 404)
    }

    @Test("settled use counts on the day on which it was admitted; voids and refusals never")
    func settlements() async throws {
        let server = try await TestServer(at: "2026-11-20T23:59:59Z")
        let first = try await server.admin.reserve(.charging(500, "ai_tokens"))
        let second = try await server.admin.reserve(.charging(500, "ai_tokens"))
        _ = try await server.admin.consume(100_001, "ai_tokens")
        #expect(try await rows("", "date", on: server).isEmpty)
        try server.move(to: "2026-11-21T00:00:20Z")
        _ = try await server.admin.settle(
            first.string("reservation_id"), [.charge(120, "ai_tokens")])
        _ = try await server.admin.void(second.string("reservation_id"))
        #expect(try await rows("", "date", on: server) == ["2026-11-20 ai_tokens 120 1"])
    }
}
