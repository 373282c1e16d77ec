import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@Suite("budgets")
struct BudgetTests {
    /// A budget that is used up, and the instant at which the next one begins.
    struct Case: Sendable, CustomTestStringConvertible {
        let window: String
        let zone: String
        let anchor: String?
        let now: String
        let next: String

        init(_ window: String, _ zone: String, _ now: String, _ next: String, from: String? = nil) {
            self.window = window
            self.zone = zone
            self.now = now
            self.next = next
            anchor = from
        }

        var testDescription: String { "\(window) in \(zone) from \(now)" }
    }

    static let cases = [
        Case("day", "UTC", "2026-11-21T10:00:00Z", "2026-11-22T00:00:00Z"),
        Case("day", "Africa/Lagos", "2026-11-21T10:00:00Z", "2026-11-21T23:00:00Z"),
        Case("day", "Africa/Lagos", "2026-11-21T23:30:00Z", "2026-11-22T23:00:00Z"),
        // The clock goes forward at 2026-03-08T07:00Z: 23 hours.
        Case("day", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        // It goes back at 2026-11-01T06:00Z: 25 hours.
        Case("day", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        Case("day", "Asia/Kolkata", "2026-11-21T10:00:00Z", "2026-11-21T18:30:00Z"),
        Case("week", "UTC", "2026-11-21T10:00:00Z", "2026-11-23T00:00:00Z"),
        Case("week", "Africa/Lagos", "2026-11-21T10:00:00Z", "2026-11-22T23:00:00Z"),
        Case("week", "America/New_York", "2026-10-27T10:00:00Z", "2026-11-02T05:00:00Z"),
        Case("month", "UTC", "2026-11-21T10:00:00Z", "2026-12-01T00:00:00Z"),
        Case("month", "Africa/Lagos", "2026-11-21T10:00:00Z", "2026-11-30T23:00:00Z"),
        Case("month", "America/New_York", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"),
        Case(
            "month", "UTC", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z",
            from: "2026-01-31T00:00"),
        Case(
            "month", "UTC", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z",
            from: "2026-01-31T00:00"),
        Case(
            "month", "Africa/Lagos", "2028-02-01T00:00:00Z", "2028-02-28T23:00:00Z",
            from: "2028-01-31T00:00"),
        Case(
            "month", "America/New_York", "2026-10-15T00:00:00Z", "2026-11-01T05:00:00Z",
            from: "2026-10-01T01:00"),
        Case("year", "UTC", "2026-11-21T10:00:00Z", "2027-01-01T00:00:00Z"),
        Case("year", "Africa/Lagos", "2026-11-21T10:00:00Z", "2026-12-31T23:00:00Z"),
        Case(
            "year", "Asia/Kolkata", "2026-11-21T10:00:00Z", "2027-03-31T18:30:00Z",
            from: "2026-04-01T00:00"),
        Case(
            "year", "UTC", "2027-03-01T00:00:00Z", "2028-02-29T00:00:00Z",
            from: "2024-02-29T00:00"),
    ]

    @Test("a budget lasts to the last nanosecond and begins anew at the boundary", arguments: cases)
    func boundary(row: Case) async throws {
        let server = try await TestServer(at: row.now)
        _ = try await server.admin.putPlan("free", [.limit(5, "api_calls", per: row.window)])
        var tenant: JSONObject = JSONObject()
        tenant["id"] = "acme"
        tenant["time_zone"] = .string(row.zone)
        tenant["billing_anchor"] = row.anchor.map { .string($0) }
        #expect(try await server.admin.createTenant(.object(tenant)).status == 201)

        let limit = "tenant:api_calls/\(row.window)"
        let first = try await server.admin.consume(5, "api_calls")
        #expect(first.status == 200)
        #expect(first.limit(limit)?["reset_at"] == .string(row.next))

        let boundary = try #require(Timestamp(row.next))
        server.clock.set(boundary.adding(nanoseconds: -1))
        let last = try await server.admin.consume(1, "api_calls")
        expectRefusal(last, by: limit)
        #expect(last["denied_by", "retry_after_ms"] == 1)

        server.clock.set(boundary)
        let next = try await server.admin.consume(1, "api_calls")
        #expect(next.status == 200)
        #expect(next.used(limit) == 1)
        #expect(next.limit(limit)?["reset_at"] != .string(row.next))
    }

    @Test("a lifetime never begins anew")
    func lifetime() async throws {
        let server = try await TestServer(at: "2026-11-21T10:00:00Z")
        _ = try await server.admin.putPlan("free", [.limit(5, "api_calls", per: "lifetime")])
        let first = try await server.admin.consume(5, "api_calls")
        #expect(first["limits", 0, "reset_at"] == .null)
        server.clock.set(try #require(Timestamp("2099-01-01T00:00:00Z")))
        let reply = try await server.admin.consume(1, "api_calls")
        expectRefusal(reply, by: "tenant:api_calls/lifetime")
        #expect(reply["denied_by", "retry_after_ms"] == .null)
        #expect(reply.header("Retry-After") == nil)
    }

    @Test("all windows of a meter are charged together, and each begins anew by itself")
    func allWindows() async throws {
        let server = try await TestServer(at: "2026-11-21T10:00:00Z")
        let windows = ["day", "week", "month", "year", "lifetime"]
        _ = try await server.admin.putPlan(
            "free", .array(windows.map { .limit(100, "api_calls", per: $0) }))
        let first = try await server.admin.consume(3, "api_calls")
        for window in windows {
            #expect(first.used("tenant:api_calls/\(window)") == 3)
        }
        server.clock.set(try #require(Timestamp("2026-12-01T00:00:00Z")))
        let next = try await server.admin.consume(2, "api_calls")
        let used = windows.map { next.used("tenant:api_calls/\($0)") }
        #expect(used == [2, 2, 2, 5, 5])
    }
}
