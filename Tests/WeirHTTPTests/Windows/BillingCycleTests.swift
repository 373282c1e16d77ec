import StrictJSON
import Testing

@Suite("billing cycles")
struct BillingCycleTests {
    /// The starts and the end of the periods of a tenant that uses one token on each of some days.
    private func boundaries(
        _ tenant: JSONValue,
        window: String,
        from start: String,
        days: [String],
        changes: [String: JSONValue] = [:]
    ) async throws -> [String] {
        let server = try await TestServer(at: "\(start)T12:00:00Z")
        _ = try await server.admin.putPlan("free", [.limit(1_000, "ai_tokens", per: window)])
        let made = try await server.admin.post("/api/admin/tenants", tenant)
        #expect(made.status == 201, "\(made.text)")
        for day in days {
            try server.move(to: "\(day)T12:00:00Z")
            if let change = changes[day] {
                let changed = try await server.admin.patchTenant("acme", change)
                #expect(changed.status == 200, "\(changed.text)")
            }
            #expect(try await server.admin.consume(1, "ai_tokens").status == 200)
        }
        try await server.settleDown()
        let periods = try await server.admin.periods(("ai_tokens", window)).reversed()
        #expect(periods.reduce(0) { $0 + ($1["used"]?.integerValue ?? 0) } == Int64(days.count))
        return periods.map { $0.string("start") } + [periods.last?.string("end") ?? ""]
    }

    @Test("B7: who is billed by the week has weeks from the anchor")
    func week() async throws {
        let found = try await boundaries(
            [
                "id": "acme", "plan": "free", "billing_interval": "week",
                "billing_anchor": "2026-11-19T09:00",
            ],
            window: "week", from: "2026-11-01", days: ["2026-11-18", "2026-11-19", "2026-11-27"])
        #expect(
            found == [
                "2026-11-12T09:00:00Z", "2026-11-19T09:00:00Z", "2026-11-26T09:00:00Z",
                "2026-12-03T09:00:00Z",
            ])
    }

    @Test("B7: periods that are listed one by one, with the calendar before and after them")
    func table() async throws {
        let found = try await boundaries(
            [
                "id": "acme", "plan": "free", "time_zone": "Africa/Lagos", "currency": "NGN",
                "billing_boundaries": ["2026-02-02", "2026-03-02", "2026-04-06T06:00"],
            ],
            window: "month", from: "2026-01-01",
            days: [
                "2026-01-10", "2026-02-01", "2026-02-03", "2026-03-02", "2026-04-07",
                "2026-05-01",
            ])
        #expect(
            found == [
                "2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", "2026-02-01T23:00:00Z",
                "2026-03-01T23:00:00Z", "2026-04-06T05:00:00Z", "2026-04-30T23:00:00Z",
                "2026-05-31T23:00:00Z",
            ])
    }

    @Test("B7: a changed zone, anchor or table holds from the next boundary on")
    func changes() async throws {
        let found = try await boundaries(
            ["id": "acme", "plan": "free"], window: "month", from: "2026-01-01",
            days: ["2026-01-05", "2026-01-10", "2026-02-01", "2026-02-20", "2026-03-30"],
            changes: [
                "2026-01-10": ["time_zone": "Africa/Lagos", "billing_anchor": "2026-01-15"],
                "2026-02-20": ["billing_boundaries": ["2026-03-20", "2026-04-01", "2026-05-01"]],
            ])
        #expect(
            found == [
                "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-14T23:00:00Z",
                "2026-03-19T23:00:00Z", "2026-03-31T23:00:00Z",
            ])
    }

    @Test(
        "what can't be meant is refused with the field",
        arguments: [
            (["billing_anchor": "2026-02-31T00:00"], "/billing_anchor"),
            (["billing_anchor": "2026-02-31"], "/billing_anchor"),
            (["billing_anchor": "1969-12-31"], "/billing_anchor"),
            (["time_zone": "Africa/Lagoz"], "/time_zone"),
            (["billing_interval": "fortnight"], "/billing_interval"),
            (["billing_boundaries": "2026-01-01"], "/billing_boundaries"),
            (["billing_boundaries": ["2026-01-01"]], "/billing_boundaries"),
            (["billing_boundaries": ["2026-02-01", "2026-01-01"]], "/billing_boundaries"),
            (["billing_boundaries": ["2026-01-01", "2026-01-01"]], "/billing_boundaries"),
            (["billing_boundaries": ["2026-01-01", "2026-02-31"]], "/billing_boundaries/1"),
            (["billing_boundaries": ["2026-01-01", 7]], "/billing_boundaries/1"),
            (["billing_boundaries": ["1969-01-01", "2026-02-01"]], "/billing_boundaries/0"),
            (
                ["billing_boundaries": .array(Array(repeating: "2026-01-01", count: 1_001))],
                "/billing_boundaries"
            ),
        ] as [(JSONValue, String)])
    func refused(member: JSONValue, pointer: String) async throws {
        let server = try await TestServer()
        for kind in ["tenants", "organizations"] {
            let name = try #require(member.objectValue?.members.first?.name)
            let body = (["id": "acme"] as JSONValue).with(name, member[name] ?? .null)
            let reply = try await server.admin.post("/api/admin/\(kind)", body)
            expectProblem(reply, 422, pointer: pointer)
        }
        #expect(try await server.admin.items(of: "/api/admin/organizations").isEmpty)
    }

    @Test("a table can be read back, kept by a change of something else, and cleared")
    func readBack() async throws {
        let server = try await TestServer()
        for kind in ["tenants", "organizations"] {
            let list: JSONValue = ["2026-01-01T00:00", "2026-02-02T06:30"]
            let path = "/api/admin/\(kind)/acme"
            let made = try await server.admin.post(
                "/api/admin/\(kind)",
                ["id": "acme", "billing_boundaries": ["2026-01-01", "2026-02-02T06:30"]])
            #expect(made["billing_boundaries"] == list, "\(made.text)")
            let renamed = try await server.admin.patch(path, ["name": "Acme"])
            #expect(renamed["billing_boundaries"] == list)
            #expect(try await server.admin.get(path)["billing_boundaries"] == list)
            let cleared = try await server.admin.patch(path, ["billing_boundaries": .null])
            #expect(cleared["billing_boundaries"] == .null)
            _ = try await server.admin.patch(path, ["billing_boundaries": list])
            let replaced = try await server.admin.put(path, ["name": "Acme"])
            #expect(replaced["billing_boundaries"] == .null, "\(replaced.text)")
        }
    }
}
