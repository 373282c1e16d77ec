import StrictJSON
import Testing

/// Rows B6 and B7: when periods begin and end, and what is kept of them.
@Suite("requirements B6 and B7")
struct PeriodRequirementTests {
    private static let limit = ("ai_tokens", "month")

    @Test("B6: the end of a period archives its use, and the next one is full at once")
    func archive() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(99_000, "ai_tokens")
        try server.moveBefore("2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(1_000, "ai_tokens").status == 200)
        #expect(try await server.admin.consume(1, "ai_tokens").status == 429)
        // No job runs in between.
        try server.move(to: "2026-12-01T00:00:00Z")
        #expect(try await server.admin.consume(100_000, "ai_tokens").status == 200)
        #expect(try await server.admin.consume(1, "ai_tokens").status == 429)
        try server.move(to: "2026-12-01T00:20:00Z")
        try await server.settleDown()
        let periods = try await server.admin.periods(Self.limit)
        #expect(periods.map { $0["posted"] } == [100_000, 100_000])
        #expect(periods.map { $0.string("state") } == ["open", "closed"])
        #expect(
            periods.map { $0.string("start") } == ["2026-12-01T00:00:00Z", "2026-11-01T00:00:00Z"])
        #expect(
            periods.map { $0.string("end") } == ["2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z"])
        #expect(periods.last?["closed_at"]?.stringValue != nil)
    }

    @Test("B6: a closed period is there 90 days later, as it was")
    func history() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(70, "ai_tokens")
        try server.move(to: "2026-12-01T01:00:00Z")
        try await server.settleDown()
        let closed = try #require(try await server.admin.periods(Self.limit).last)
        #expect(closed["state"] == "closed")
        #expect(closed["used"] == 70)
        for day in ["2026-12-31", "2027-01-30", "2027-03-01T00:59:59"] {
            try server.move(to: day.count > 10 ? "\(day)Z" : "\(day)T00:00:00Z")
            try await server.settleDown()
            _ = try await server.admin.consume(5, "ai_tokens")
            #expect(try await server.admin.periods(Self.limit).last == closed, "\(day)")
            let november = try await server.admin.get(
                "/api/admin/tenants/acme/usage?meter=ai_tokens&from=2026-11-01&to=2026-11-30")
            #expect(november.items.map { $0["units"] } == [70], "\(day)")
        }
        #expect(try await server.admin.periods(Self.limit).count >= 4)
    }

    @Test("B6: a reset by hand archives, opens a full period, and says who and why")
    func reset() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(100_000, "ai_tokens")
        _ = try await server.admin.consume(1_000, "api_calls")
        server.clock.advanceSeconds(60)
        let reset = try await server.admin.post(
            "/api/admin/tenants/acme/reset",
            ["meter": "ai_tokens", "window": "month", "reason": "incident 12"])
        #expect(reset.status == 200, "\(reset.text)")
        #expect(reset["closed", "used"] == 100_000)
        #expect(try await server.admin.consume(100_000, "ai_tokens").status == 200)
        expectRefusal(
            try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/month")
        let periods = try await server.admin.periods(Self.limit)
        #expect(periods.map { $0["used"] } == [100_000, 100_000])
        #expect(periods.map { $0.string("end") }.last == "2026-11-21T10:01:00.123Z")
        let audit = try await server.admin.audit("tenant=acme&action=limit.reset")
        #expect(audit.count == 1)
        #expect(audit.first?["reason"] == "incident 12")
        #expect(audit.first?["tenant"] == "acme")
        #expect(audit.first?["at"] == "2026-11-21T10:01:00.123Z")
        #expect(audit.first?.string("actor").isEmpty == false)
    }

    /// A tenant's calendar, and the boundaries of its periods.
    struct Vector: Sendable, CustomTestStringConvertible {
        var zone: String
        var anchor: String?
        var interval = "month"
        var boundaries: [String]

        var testDescription: String { "\(zone), \(anchor ?? "calendar"), \(interval)" }
    }

    private static let vectors = [
        Vector(
            zone: "UTC", anchor: "2026-01-31T00:00",
            boundaries: [
                "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z",
                "2026-04-30T00:00:00Z", "2026-05-31T00:00:00Z",
            ]),
        Vector(
            zone: "Africa/Lagos", anchor: "2028-01-31T00:00",
            boundaries: [
                "2028-01-30T23:00:00Z", "2028-02-28T23:00:00Z", "2028-03-30T23:00:00Z",
                "2028-04-29T23:00:00Z", "2028-05-30T23:00:00Z",
            ]),
        Vector(
            zone: "Africa/Lagos", anchor: nil,
            boundaries: [
                "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z",
                "2027-01-31T23:00:00Z", "2027-02-28T23:00:00Z",
            ]),
        // From the hour in which a contract was signed.
        Vector(
            zone: "Africa/Lagos", anchor: "2026-03-17T09:30",
            boundaries: [
                "2026-03-17T08:30:00Z", "2026-04-17T08:30:00Z", "2026-05-17T08:30:00Z",
            ]),
        Vector(
            zone: "UTC", anchor: "2027-12-29T00:00",
            boundaries: [
                "2027-12-29T00:00:00Z", "2028-01-29T00:00:00Z", "2028-02-29T00:00:00Z",
                "2028-03-29T00:00:00Z",
            ]),
        Vector(
            zone: "UTC", anchor: "2024-02-29T00:00", interval: "year",
            boundaries: [
                "2024-02-29T00:00:00Z", "2025-02-28T00:00:00Z", "2026-02-28T00:00:00Z",
                "2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z",
            ]),
        Vector(
            zone: "America/New_York", anchor: "2026-01-01T00:00",
            boundaries: [
                "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z", "2026-05-01T04:00:00Z",
            ]),
        Vector(
            zone: "America/New_York", anchor: "2026-10-01T01:00",
            boundaries: [
                "2026-10-01T05:00:00Z", "2026-11-01T05:00:00Z", "2026-12-01T06:00:00Z",
            ]),
        // The fiscal year from 1 April.
        Vector(
            zone: "Asia/Kolkata", anchor: "2026-04-01T00:00", interval: "year",
            boundaries: [
                "2026-03-31T18:30:00Z", "2027-03-31T18:30:00Z", "2028-03-31T18:30:00Z",
            ]),
    ]

    @Test("B7: periods begin and end where calendar.md says, to the nanosecond", arguments: vectors)
    func boundaries(vector: Vector) async throws {
        let server = try await TestServer(at: vector.boundaries[0])
        let window = vector.interval
        let id = "tenant:ai_tokens/\(window)"
        _ = try await server.admin.putPlan("own", [.limit(2, "ai_tokens", per: window)])
        let made = try await server.admin.createTenant([
            "id": "acme", "plan": "own", "time_zone": .string(vector.zone),
            "billing_anchor": vector.anchor.map { .string($0) } ?? .null,
            "billing_interval": .string(vector.interval),
        ])
        #expect(made.status == 201, "\(made.text)")
        for (start, end) in zip(vector.boundaries, vector.boundaries.dropFirst()) {
            try server.move(to: start)
            let first = try await server.admin.consume(1, "ai_tokens")
            #expect(first.status == 200, "\(start) belongs to the new period")
            #expect(first.used(id) == 1, "\(start)")
            #expect(first.limit(id)?["reset_at"] == .string(end))
            try server.moveBefore(end)
            let last = try await server.admin.consume(1, "ai_tokens")
            #expect(last.used(id) == 2, "a nanosecond before \(end)")
            #expect(last.limit(id)?["reset_at"] == .string(end))
            expectRefusal(try await server.admin.consume(1, "ai_tokens"), by: id)
        }
        let periods = try await server.admin.periods(("ai_tokens", window))
        #expect(
            Array(periods.map { $0.string("start") }.reversed())
                == Array(vector.boundaries.dropLast()))
        #expect(
            Array(periods.map { $0.string("end") }.reversed())
                == Array(vector.boundaries.dropFirst()))
        #expect(periods.allSatisfy { $0["used"] == 2 })
    }

    @Test("B7: a Nigerian business is billed in naira")
    func naira() async throws {
        let server = try await TestServer()
        let made = try await server.admin.createTenant([
            "id": "acme", "time_zone": "Africa/Lagos", "currency": "NGN",
        ])
        #expect(made["currency"] == "NGN")
        #expect(try await server.admin.get("/api/admin/tenants/acme")["currency"] == "NGN")
        #expect(try await server.admin.createTenant(["id": "globex"])["currency"] == "USD")
        for wrong in ["₦", "naira", "ngn", ""] {
            expectProblem(
                try await server.admin.patchTenant("acme", ["currency": .string(wrong)]), 422,
                pointer: "/currency")
        }
        _ = try await server.admin.post(
            "/api/admin/meters", ["id": "cost_ngn", "kind": "counter", "record": "event"])
        _ = try await server.admin.consume(1_500_250_000_000, "cost_ngn")
        let costs = try await server.admin.items(of: "/api/admin/usage/costs?tenant=acme")
        #expect(costs.map { $0["currency"] } == ["NGN"])
        #expect(costs.map { $0["cost"] } == ["1500.25"])
    }
}
