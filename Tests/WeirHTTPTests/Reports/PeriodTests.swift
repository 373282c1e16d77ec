import StrictJSON
import Testing

@Suite("periods of a tenant")
struct PeriodTests {
    private static let path = "/api/admin/tenants/acme/periods"
    private static let members = [
        "carried", "closed_at", "end", "expired", "held", "limit", "limit_id", "meter", "on_top",
        "overage", "posted", "remaining", "rule",
        "start", "state", "suspect", "used", "window",
    ]

    /// A server that has seen use in four months, at the third day of the fourth.
    private func server() async throws -> TestServer {
        let server = try await TestServer(at: "2026-11-03T00:00:00Z")
        for (instant, amount) in [
            ("2026-11-03T00:00:00Z", 100), ("2026-12-03T00:00:00Z", 200),
            ("2027-01-03T00:00:00Z", 300), ("2027-02-03T00:00:00Z", 400),
        ] as [(String, Int64)] {
            try server.move(to: instant)
            try await server.settleDown()
            #expect(try await server.admin.consume(amount, "ai_tokens").status == 200)
        }
        return server
    }

    @Test("they are listed newest first, with all their figures")
    func list() async throws {
        let server = try await server()
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.count == 4)
        #expect(periods.allSatisfy { Reply.names($0) == Self.members })
        #expect(
            periods.map { $0.string("start") } == [
                "2027-02-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z",
                "2026-11-01T00:00:00Z",
            ])
        #expect(periods.first?["end"] == "2027-03-01T00:00:00Z")
        #expect(periods.map { $0["used"] } == [400, 300, 200, 100])
        #expect(periods.map { $0["posted"] } == [400, 300, 200, 100])
        #expect(periods.map { $0["remaining"] } == [99_600, 99_700, 99_800, 99_900])
        #expect(periods.allSatisfy { $0["limit"] == 100_000 })
        #expect(periods.allSatisfy { $0["limit_id"] == "tenant:ai_tokens/month" })
        #expect(periods.allSatisfy { $0["meter"] == "ai_tokens" && $0["window"] == "month" })
        #expect(periods.map { $0.string("state") } == ["open", "closed", "closed", "closed"])
        #expect(periods.first?["closed_at"] == .null)
        #expect(periods.dropFirst().allSatisfy { $0["closed_at"]?.stringValue != nil })
        for (newer, older) in zip(periods, periods.dropFirst()) {
            #expect(newer["start"] == older["end"])
        }
    }

    @Test("pages follow each other, each period once", arguments: [1, 2, 3, 4, 5])
    func pages(size: Int) async throws {
        let server = try await server()
        let whole = try await server.admin.items(of: Self.path + "?meter=ai_tokens")
        let paged = try await server.admin.items(
            of: Self.path + "?meter=ai_tokens", pageSize: size)
        #expect(paged == whole)
        #expect(paged.count == 4)
    }

    @Test("meter and window choose")
    func filters() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(10, "api_calls", per: "day"), .limit(20, "api_calls", per: "month")])
        _ = try await server.admin.consume(1, "api_calls")
        _ = try await server.admin.consume(1, "ai_tokens")
        func ids(_ query: String) async throws -> Set<String> {
            Set(
                try await server.admin.items(of: Self.path + "?" + query)
                    .map { $0.string("limit_id") })
        }
        #expect(
            try await ids("meter=api_calls")
                == ["tenant:api_calls/day", "tenant:api_calls/month"])
        #expect(try await ids("meter=api_calls&window=day") == ["tenant:api_calls/day"])
        #expect(
            try await ids("").isSuperset(of: ["tenant:api_calls/day", "tenant:api_calls/month"]))
        #expect(try await ids("meter=ai_tokens&window=day").isEmpty)
        for query in ["meter=gpu_hours", "window=decade", "limit=0", "cursor=%21", "page=2"] {
            expectProblem(try await server.admin.get(Self.path + "?" + query), 422)
        }
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody/periods"), 404)
    }

    @Test("a period is closing while something is held from it, and closed when nothing is")
    func states() async throws {
        let server = try await TestServer(at: "2026-11-30T23:59:00Z")
        _ = try await server.admin.consume(5, "ai_tokens")
        let body = JSONValue.charging(9, "ai_tokens").with("ttl_ms", 600_000)
        let id = try await server.admin.reserve(body).string("reservation_id")
        try server.move(to: "2026-12-01T00:00:01Z")
        _ = try await server.admin.consume(7, "ai_tokens")
        try await server.settleDown()
        let early = try await server.admin.periods(("ai_tokens", "month"))
        #expect(early.map { $0.string("state") } == ["open", "closing"])
        #expect(early.map { $0["used"] } == [7, 14])
        #expect(early.last?["closed_at"] == .null)
        #expect(try await server.admin.settle(id, [.charge(3, "ai_tokens")]).status == 200)
        try server.move(to: "2026-12-01T00:20:00Z")
        try await server.settleDown()
        let late = try await server.admin.periods(("ai_tokens", "month"))
        #expect(late.map { $0.string("state") } == ["open", "closed"])
        #expect(late.map { $0["posted"] } == [7, 8])
    }

    @Test("held and suspect units are shown where they are")
    func balances() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(10, "ai_tokens")
        _ = try await server.suspectReservation([(20, "ai_tokens")])
        _ = try await server.admin.reserve(.charging(30, "ai_tokens"))
        let period = try #require(
            try await server.admin.periods(("ai_tokens", "month")).first)
        #expect(period["posted"] == 10)
        #expect(period["suspect"] == 20)
        #expect(period["held"] == 30)
        #expect(period["used"] == 60)
        #expect(period["remaining"] == 99_940)
    }

    @Test("an unlimited period has use and no limit")
    func unlimited() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        _ = try await server.admin.consume(10, "ai_tokens")
        let period = try #require(
            try await server.admin.periods(("ai_tokens", "month")).first)
        #expect(period["limit"] == .null)
        #expect(period["remaining"] == .null)
        #expect(period["used"] == 10)
    }
}
