import StrictJSON
import Testing

@Suite("import of usage")
struct ImportUsageTests {
    private static let calls = "tenant:api_calls/month"

    private func row(_ date: String, _ units: Int64, tenant: String = "acme") -> JSONValue {
        ["tenant": .string(tenant), "date": .string(date), "units": .integer(units)]
    }

    @Test("use of the current period counts against it, older use is history")
    func counts() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let reply = try await server.admin.importing(
            "usage",
            [row("2026-11-20", 400), row("2026-11-01", 100), row("2026-10-31", 5000)])
        #expect(reply.status == 200)
        #expect(reply["created"] == 3, "\(reply.text)")
        #expect(reply["failed"] == [])
        #expect(try await server.admin.usage().used(Self.calls) == 500)
        #expect(try await server.admin.consume(500, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        let report = try await server.admin.items(
            of: "/api/admin/tenants/acme/usage?from=2026-10-01&group_by=day&meter=api_calls")
        let days = Dictionary(
            report.map { ($0.string("date"), $0.integer("units")) }, uniquingKeysWith: +)
        #expect(
            days == [
                "2026-10-31": 5000, "2026-11-01": 100, "2026-11-20": 400, "2026-11-21": 500,
            ])
        let day = try await server.admin.get("/api/admin/quota/usage?date_str=2026-10-31")
        #expect(day["tenants", "acme"] == 5000)
    }

    @Test("each row is booked once by tenant, key, meter, date and source")
    func once() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let rows: [JSONValue] = [
            row("2026-11-20", 10), row("2026-11-20", 10).with("source", "other"),
            row("2026-11-20", 10).with("meter", "ai_tokens"), row("2026-11-19", 10),
            row("2026-11-20", 10).with("key", .string(key.id)),
            row("2026-11-20", 10, tenant: "globex"),
        ]
        let first = try await server.admin.importing("usage", rows)
        #expect(first["created"] == 6, "\(first.text)")
        for _ in 0..<2 {
            let again = try await server.admin.importing("usage", rows)
            #expect(again["created"] == 0)
            #expect(again["skipped"] == 6)
            let grown = try await server.admin.importing(
                "usage", rows.map { $0.with("units", 99) })
            #expect(grown["created"] == 0)
            #expect(grown["failed"]?.arrayValue?.count == 6)
            let detail = grown["failed", 0]?.string("detail") ?? ""
            #expect(detail.hasPrefix("10 units are booked for it already, and this says 99: "))
        }
        let usage = try await server.admin.usage()
        #expect(usage.used(Self.calls) == 40)
        #expect(usage.used("tenant:ai_tokens/month") == 10)
        #expect(try await server.admin.usage("globex").used(Self.calls) == 10)
        let explicit = try await server.admin.importing(
            "usage", [row("2026-11-20", 10).with("source", "import")])
        #expect(explicit["skipped"] == 1)
        let twice = try await server.admin.importing(
            "usage", [row("2026-11-18", 1), row("2026-11-18", 2)])
        #expect(twice["created"] == 1)
        #expect(twice["failed"]?.arrayValue?.map { $0.integer("index") } == [1])
        #expect(try await server.admin.usage().used(Self.calls) == 41)
    }

    @Test("a known key names its tenant; its own budgets count too")
    func keys() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey(
            limits: [.limit(50, "api_calls", per: "month")])
        let reply = try await server.admin.importing(
            "usage",
            [
                ["key": .string(key.id), "date": "2026-11-20", "units": 45],
                ["key": "k_nobody", "date": "2026-11-20", "units": 45],
                ["date": "2026-11-20", "units": 45],
            ])
        #expect(reply["created"] == 1, "\(reply.text)")
        #expect(reply["failed"]?.arrayValue?.map { $0.integer("index") } == [1, 2])
        let client = server.bearer(key.text)
        expectRefusal(
            try await client.consume(6, "api_calls", tenant: nil), by: "key:api_calls/month")
        let passed = try await client.consume(5, "api_calls", tenant: nil)
        #expect(passed.used("key:api_calls/month") == 50)
        #expect(passed.used(Self.calls) == 50)
        let report = try await server.admin.items(
            of: "/api/admin/tenants/acme/usage?group_by=key")
        #expect(report.map { $0.string("key") } == [key.id])
        #expect(report.map { $0.integer("units") } == [50])
    }

    @Test("use by model is booked for each, and counts against the model's limits")
    func models() async throws {
        let server = try await TestServer()
        _ = try await server.admin.put(
            "/api/admin/plans/free",
            ["limits": [.limit(10, "ai_tokens", per: "month").with("model", "large")]])
        let item = row("2026-11-20", 9).with("meter", "ai_tokens")
        let items = [item, item.with("model", "large"), item.with("model", "small")]
        for _ in 0..<2 { _ = try await server.admin.importing("usage", items) }
        let report = try await server.admin.items(
            of: "/api/admin/tenants/acme/usage?group_by=day,key,model")
        #expect(
            report.map { [$0["date"], $0["key"], $0["model"], $0["units"]] } == [
                ["2026-11-20", "_service", .null, 9], ["2026-11-20", "_service", "large", 9],
                ["2026-11-20", "_service", "small", 9],
            ])
        let request: JSONValue = [
            "tenant": "acme", "model": "large", "charges": [["meter": "ai_tokens", "amount": 2]],
        ]
        expectRefusal(
            try await server.admin.consume(request), by: "model(large):ai_tokens/month")
    }

    @Test("an unknown tenant is created, unless tenants are not created by use")
    func creates() async throws {
        let server = try await TestServer()
        _ = try await server.admin.importing("usage", [row("2026-11-20", 7, tenant: "{}/..")])
        let usage = try await server.admin.usage("{}/..".percentEncoded)
        #expect(usage.used(Self.calls) == 7)
        let strict = try await TestServer(createsTenants: false)
        let reply = try await strict.admin.importing("usage", [row("2026-11-20", 7)])
        #expect(reply["created"] == 0)
        #expect(reply["failed"]?.arrayValue?.count == 1)
        expectProblem(try await strict.admin.usage(), 404)
    }

    @Test("imported use may pass a limit; then nothing more is granted")
    func beyond() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.importing("usage", [row("2026-11-20", 5000)])
        #expect(reply["created"] == 1)
        let usage = try await server.admin.usage()
        #expect(usage.used(Self.calls) == 5000)
        #expect(usage.limit(Self.calls)?["remaining"] == 0)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
    }

    @Test("the sum of days and of the period agree")
    func conservation() async throws {
        let server = try await TestServer()
        var expected: Int64 = 0
        for day in 1...21 {
            let date = "2026-11-" + (day < 10 ? "0" : "") + "\(day)"
            _ = try await server.admin.importing("usage", [row(date, Int64(day))])
            expected += Int64(day)
        }
        let period = try #require(
            try await server.admin.periods(("api_calls", "month")).first)
        #expect(period.integer("posted") == expected)
        let report = try await server.admin.items(of: "/api/admin/tenants/acme/usage")
        #expect(report.reduce(0) { $0 + $1.integer("units") } == expected)
    }

    @Test(
        "a row with a wrong value fails alone",
        arguments: [
            ("units", 0), ("units", -1), ("units", "5"), ("units", nil), ("date", nil),
            ("units", 9_007_199_254_740_992), ("date", "2026-02-30"), ("date", "yesterday"),
            ("date", "2026-11-20T00:00:00Z"), ("meter", "gpu_hours"), ("meter", "team_members"),
            ("tenant", "a\nb"), ("tenant", ""), ("last_request_at", "noon"), ("colour", "red"),
        ] as [(String, JSONValue)])
    func wrongValues(name: String, value: JSONValue) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.importing(
            "usage",
            [row("2026-11-20", 1), row("2026-11-19", 2).with(name, value), row("2026-11-18", 4)])
        #expect(reply.status == 200, "\(reply.text)")
        #expect(reply["created"] == 2)
        #expect(reply["failed"]?.arrayValue?.map { $0.integer("index") } == [1])
        #expect(try await server.admin.usage().used(Self.calls) == 5)
    }
}
