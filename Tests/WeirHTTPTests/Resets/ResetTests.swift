import QuotaTesting
import StrictJSON
import Testing

@Suite("resets by hand")
struct ResetTests {
    private static let calls = "tenant:api_calls/month"
    private static let now = "2026-11-21T10:00:00.123Z"

    @Test("a reset closes the period at this instant and opens the rest of it, full")
    func story() async throws {
        let server = try await TestServer()
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        let reset = try await server.admin.reset("api_calls", "month")
        #expect(reset.status == 200)
        let expected: JSONValue = [
            "tenant": "acme", "limit": "tenant:api_calls/month",
            "closed": [
                "start": "2026-11-01T00:00:00Z", "end": .string(Self.now), "limit": 1000,
                "used": 1000,
            ],
            "opened": [
                "start": .string(Self.now), "end": "2026-12-01T00:00:00Z", "limit": 1000,
            ],
        ]
        #expect(reset.json.canonicalBytes == expected.canonicalBytes, "\(reset.text)")
        #expect(try await server.admin.usage().used(Self.calls) == 0)
        let reply = try await server.admin.consume(1000, "api_calls")
        #expect(reply.status == 200)
        #expect(reply.limit(Self.calls)?["reset_at"] == "2026-12-01T00:00:00Z")
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(1, "api_calls").used(Self.calls) == 1)
    }

    @Test("what was closed is archived, and the day's use stays")
    func archive() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(70, "ai_tokens")
        _ = try await server.admin.reset("ai_tokens", "month")
        try server.move(to: "2026-11-21T12:00:00Z")
        _ = try await server.admin.consume(5, "ai_tokens")
        try await server.settleDown()
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.map { $0.string("start") } == [Self.now, "2026-11-01T00:00:00Z"])
        #expect(periods.map { $0.string("end") } == ["2026-12-01T00:00:00Z", Self.now])
        #expect(periods.map { $0["used"] } == [5, 70])
        #expect(periods.map { $0["posted"] } == [5, 70])
        #expect(periods.first?["state"] == "open")
        #expect(periods.last?["state"] != "open")
        let day = try await server.admin.get(
            "/api/admin/quota/usage?meter=ai_tokens&date_str=2026-11-21")
        #expect(day["tenants", "acme"] == 75)
        let report = try await server.admin.get("/api/admin/tenants/acme/usage?meter=ai_tokens")
        #expect(report.items.map { $0["units"] } == [75])
        #expect(try await server.admin.events("acme", "meter=ai_tokens").count == 2)
    }

    @Test("a reservation across a reset settles in the old period")
    func reservation() async throws {
        let server = try await TestServer()
        let limit = "tenant:ai_tokens/month"
        let first = try await server.admin.reserve(.charging(500, "ai_tokens"))
        let second = try await server.admin.reserve(.charging(40, "ai_tokens"))
        _ = try await server.admin.consume(10, "ai_tokens")
        server.clock.advance(by: .seconds(10))
        let reset = try await server.admin.reset("ai_tokens", "month")
        #expect(reset.status == 200)
        let opened = try await server.admin.usage()
        #expect(opened.limit(limit)?["used"] == 0)
        #expect(opened.limit(limit)?["held"] == 0)
        #expect(try await server.admin.consume(100_000, "ai_tokens").status == 200)
        let settled = try await server.admin.settle(
            first.string("reservation_id"), [.charge(300, "ai_tokens")])
        #expect(settled.status == 200)
        #expect(try await server.admin.void(second.string("reservation_id")).status == 200)
        #expect(try await server.admin.usage().used(limit) == 100_000)
        expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: limit)
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.map { $0["used"] } == [100_000, 310])
        #expect(periods.map { $0["held"] } == [0, 0])
        #expect(periods.map { $0["posted"] } == [100_000, 310])
    }

    @Test("without use in the period nothing is closed")
    func unused() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let reset = try await server.admin.reset("api_calls", "month")
        #expect(reset.status == 200)
        #expect(reset["closed"] == .null)
        #expect(reset["limit"] == .string(Self.calls))
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
    }

    @Test("two resets at the same instant: the second finds nothing to close")
    func twice() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1000, "api_calls")
        _ = try await server.admin.reset("api_calls", "month")
        let second = try await server.admin.reset("api_calls", "month")
        #expect(second.status == 200)
        #expect(second["closed"] == .null)
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
        // Used at the instant of a reset, and reset at that instant again.
        let third = try await server.admin.reset("api_calls", "month")
        #expect([200, 409].contains(third.status))
        let usage = try await server.admin.usage()
        let left = usage.limit(Self.calls)?["remaining"]?.integerValue ?? -1
        #expect(try await server.admin.consume(1, "api_calls").status == (left > 0 ? 200 : 429))
        let periods = try await server.admin.periods(("api_calls", "month"))
        let sum = periods.reduce(0) { $0 + $1.integer("used") }
        #expect(sum == (left > 0 ? 2001 : 2000))
        for (newer, older) in zip(periods, periods.dropFirst()) {
            #expect(newer["start"] == older["end"])
        }
    }

    @Test("other windows, meters and tenants are left alone")
    func others() async throws {
        let server = try await TestServer()
        let windows = ["day", "week", "month", "year", "lifetime"]
        _ = try await server.admin.putPlan(
            "free", .array(windows.map { .limit(100, "api_calls", per: $0) }))
        for tenant in ["acme", "globex"] {
            _ = try await server.admin.consume(60, "api_calls", tenant: tenant)
            _ = try await server.admin.consume(60, "ai_tokens", tenant: tenant)
        }
        for (index, window) in windows.enumerated() {
            let reset = try await server.admin.reset("api_calls", window)
            #expect(reset.status == 200, "\(window): \(reset.text)")
            #expect(reset["closed", "used"] == 60, "\(window)")
            let usage = try await server.admin.usage()
            for (other, name) in windows.enumerated() {
                #expect(usage.used("tenant:api_calls/\(name)") == (other <= index ? 0 : 60))
            }
        }
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") == 60)
        #expect(try await server.admin.usage("globex").used("tenant:api_calls/day") == 60)
        #expect(try await server.admin.consume(100, "api_calls").status == 200)
    }

    @Test("a reset day begins anew at its own boundary")
    func day() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "time_zone": "Africa/Lagos"])
        _ = try await server.admin.putPlan("free", [.limit(5, "api_calls", per: "day")])
        _ = try await server.admin.consume(5, "api_calls")
        let reset = try await server.admin.reset("api_calls", "day")
        #expect(reset["closed", "start"] == "2026-11-20T23:00:00Z")
        #expect(reset["opened", "end"] == "2026-11-21T23:00:00Z")
        _ = try await server.admin.consume(5, "api_calls")
        try server.moveBefore("2026-11-21T23:00:00Z")
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
        try server.move(to: "2026-11-21T23:00:00Z")
        #expect(try await server.admin.consume(5, "api_calls").status == 200)
    }

    @Test("a rate is full again", arguments: ["second", "minute", "hour"])
    func rate(window: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(30, "api_calls", per: window)])
        let burst: Int64 = window == "hour" ? 3 : 30
        for _ in 0..<3 {
            #expect(try await server.admin.consume(burst, "api_calls").status == 200)
            #expect(try await server.admin.consume(1, "api_calls").status == 429)
            let reset = try await server.admin.reset("api_calls", window)
            #expect(reset.status == 200)
            #expect(reset["limit"] == .string("tenant:api_calls/\(window)"))
            #expect(reset["closed"] == .null)
            #expect(reset["opened"] == .null)
        }
    }

    @Test("an allocation is not reset")
    func allocation() async throws {
        let server = try await TestServer()
        _ = try await server.admin.allocate(2)
        expectProblem(try await server.admin.reset("team_members", "none"), 409)
        #expect(try await server.admin.usage().allocated("tenant:team_members/none") == 2)
    }

    @Test("wrong meters, windows and tenants are refused")
    func wrong() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1, "api_calls")
        let path = "/api/admin/tenants/acme/reset"
        for (body, pointer) in [
            (["window": "month"], "/meter"), (["meter": "api_calls"], "/window"),
            (["meter": "gpu_hours", "window": "month"], "/meter"),
            (["meter": "api_calls", "window": "decade"], "/window"),
            (["meter": 5, "window": "month"], "/meter"),
            (["meter": "api_calls", "window": "month", "at": "x"], "/at"),
        ] as [(JSONValue, String)] {
            expectProblem(try await server.admin.post(path, body), 422, pointer: pointer)
        }
        expectProblem(try await server.admin.reset("api_calls", "month", tenant: "nobody"), 404)
        #expect(try await server.admin.usage().used(Self.calls) == 1)
    }
}
