import StrictJSON
import Testing

@Suite("events of a tenant")
struct EventTests {
    private static let path = "/api/admin/tenants/acme/events"
    private static let members = [
        "adjusts", "admitted_at", "id", "idempotency_key", "key", "metadata", "meter", "model",
        "overage", "posted_at", "units",
    ]

    @Test("an event shows what was used, by whom, when and on what word")
    func members() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let body: JSONValue = JSONValue.charging(12, "ai_tokens", tenant: nil, model: "small")
            .with("idempotency_key", "order-17").with("metadata", ["trace": "abc", "n": [1, nil]])
        _ = try await server.bearer(key.text).consume(body)
        server.clock.advanceSeconds(5)
        _ = try await server.admin.consume(3, "ai_tokens")
        let events = try await server.admin.events()
        #expect(events.count == 2)
        #expect(events.allSatisfy { Reply.names($0) == Self.members })
        let keyed = try #require(events.last)
        let expected: JSONValue = [
            "meter": "ai_tokens", "units": 12, "overage": 0, "key": .string(key.id),
            "model": "small", "admitted_at": "2026-11-21T10:00:00.123Z",
            "posted_at": "2026-11-21T10:00:00.123Z", "adjusts": nil,
            "idempotency_key": "order-17", "metadata": ["trace": "abc", "n": [1, nil]],
        ]
        for name in Reply.names(expected) {
            #expect(keyed[name]?.canonicalBytes == expected[name]?.canonicalBytes, "\(name)")
        }
        let plain = try #require(events.first)
        #expect(plain["key"] == "_service")
        #expect(plain["model"] == .null)
        #expect(plain["idempotency_key"] == .null)
        #expect(plain["metadata"] == .null)
        #expect(plain["admitted_at"] == "2026-11-21T10:00:05.123Z")
        #expect(plain["id"] != keyed["id"])
    }

    @Test("calls are recorded one by one when keyed or with metadata, tokens always")
    func recording() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1, "api_calls")
        _ = try await server.admin.consume(["tenant": "acme", "idempotency_key": "k"])
        _ = try await server.admin.consume(["tenant": "acme", "metadata": ["a": 1]])
        _ = try await server.admin.consume(["tenant": "acme", "idempotency_key": "k"])
        _ = try await server.admin.consume(1001, "api_calls")
        _ = try await server.admin.consume(9, "ai_tokens")
        #expect(try await server.admin.events("acme", "meter=api_calls").count == 2)
        #expect(try await server.admin.events("acme", "meter=ai_tokens").count == 1)
        #expect(try await server.admin.events().count == 3)
        let voided = try await server.admin.reserve(.charging(5, "ai_tokens"))
        _ = try await server.admin.void(voided.string("reservation_id"))
        #expect(try await server.admin.events().count == 3)
    }

    @Test("a settlement is an event of its true use, and names what came on top")
    func settlement() async throws {
        let server = try await TestServer()
        let reserved = try await server.admin.reserve(.charging(500, "ai_tokens"))
        server.clock.advanceSeconds(30)
        #expect(try await server.admin.events().isEmpty)
        _ = try await server.admin.settle(
            reserved.string("reservation_id"), [.charge(700, "ai_tokens")])
        let events = try await server.admin.events()
        #expect(events.map { $0["overage"] } == [200])
        #expect(events.first?["admitted_at"] == "2026-11-21T10:00:00.123Z")
        #expect(events.first?["posted_at"] == "2026-11-21T10:00:30.123Z")
        #expect([500, 700].contains(events.first?.integer("units")))
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") == 700)
    }

    /// A server with one event every six hours from noon on 2026-11-19.
    private func server() async throws -> (TestServer, key: String) {
        let server = try await TestServer(at: "2026-11-19T12:00:00Z")
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        for index in 1...8 {
            let client = index % 2 == 0 ? server.bearer(key.text) : server.admin
            _ = try await client.consume(Int64(index), "ai_tokens")
            server.clock.advanceSeconds(6 * 3600)
        }
        return (server, key.id)
    }

    @Test(
        "dates include their day, instants begin with from and end before to",
        arguments: [
            ("", [8, 7, 6, 5, 4, 3, 2, 1]), ("from=2026-11-20", [8, 7, 6, 5, 4, 3]),
            ("to=2026-11-19", [2, 1]), ("from=2026-11-20&to=2026-11-20", [6, 5, 4, 3]),
            ("from=2026-11-19T18:00:00Z&to=2026-11-20T06:00:00Z", [3, 2]),
            ("from=2026-11-20T07:00:00%2B01:00", [8, 7, 6, 5, 4]),
            ("to=2026-11-20T00:00:00.001Z", [3, 2, 1]), ("from=2027-01-01", []),
            ("from=2026-11-20&to=2026-11-20T12:00:00Z", [4, 3]),
        ] as [(String, [Int64])])
    func bounds(query: String, units: [Int64]) async throws {
        let (server, _) = try await server()
        let events = try await server.admin.events("acme", query)
        #expect(events.map { $0.integer("units") } == units)
    }

    @Test("meter and key choose")
    func filters() async throws {
        let (server, key) = try await server()
        _ = try await server.admin.consume(["tenant": "acme", "metadata": [:]])
        func units(_ query: String) async throws -> [Int64] {
            try await server.admin.events("acme", query).map { $0.integer("units") }
        }
        #expect(try await units("key=\(key)") == [8, 6, 4, 2])
        #expect(try await units("meter=ai_tokens&key=_service") == [7, 5, 3, 1])
        #expect(try await units("key=\(key)&meter=api_calls").isEmpty)
        #expect(
            try await units("key=\(key)&from=2026-11-20&to=2026-11-20") == [6, 4])
        for query in [
            "meter=gpu_hours", "from=tomorrow", "to=2026-02-30", "sort=asc", "limit=0",
            "cursor=%2A",
        ] {
            expectProblem(
                try await server.admin.get("\(Self.path)?\(query)"), 422, "\(query)")
        }
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody/events"), 404)
    }
}
