import QuotaTesting
import StrictJSON
import Testing

@Suite("races of administration")
struct RaceTests {
    private static let tokens = "tenant:ai_tokens/month"

    @Test("of many credits at once as many pass as there is use")
    func credits() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(100, "ai_tokens")
        let replies = try await atOnce(30) { _ in try await server.admin.adjust(-10, "ai_tokens") }
        #expect(replies.count { $0.status == 201 } == 10)
        #expect(replies.count { $0.status == 422 } == 20)
        #expect(try await server.admin.usage().used(Self.tokens) == 0)
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.reduce(0) { $0 + $1.integer("units") } == 0)
    }

    @Test("of many words on one grant the first stands")
    func resolutions() async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: "/api/admin/suspect")[0].string("grant")
        let replies = try await atOnce(24) { index in
            if index % 3 == 0 {
                return try await server.admin.settle(
                    id, [.charge(Int64(index), "ai_tokens")])
            }
            return try await server.admin.post(
                "/api/admin/suspect/\(grant)/resolve", ["used": .integer(Int64(index))])
        }
        #expect(Set(replies.map(\.status)).isSubset(of: [200, 409]))
        let booked = Set(
            replies.filter { $0.status == 200 }
                .compactMap { $0["charges", 0, "settled"]?.integerValue })
        #expect(booked.count == 1)
        #expect(try await server.admin.usage().used(Self.tokens) == booked.first)
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.reduce(0) { $0 + $1.integer("units") } == booked.first)
    }

    @Test("resets among many requests lose no use and invent none")
    func resets() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(20, "ai_tokens", per: "month")])
        _ = try await server.admin.createTenant(["id": "acme"])
        let replies = try await atOnce(200) { index in
            guard index % 20 == 0 else { return try await server.admin.consume(1, "ai_tokens") }
            server.clock.advanceSeconds(1)
            return try await server.admin.reset("ai_tokens", "month")
        }
        let passed = replies.count { $0.status == 200 && $0["allowed"] == true }
        #expect((20...190).contains(passed))
        let periods = try await server.admin.periods(("ai_tokens", "month"))
        #expect(periods.reduce(0) { $0 + $1.integer("posted") } == Int64(passed))
        #expect(periods.allSatisfy { $0.integer("posted") <= 20 })
        for (newer, older) in zip(periods, periods.dropFirst()) {
            #expect(newer["start"] == older["end"])
        }
        let report = try await server.admin.items(
            of: "/api/admin/tenants/acme/usage?meter=ai_tokens")
        #expect(report.reduce(0) { $0 + $1.integer("units") } == Int64(passed))
    }

    @Test("the same usage imported by many at once is booked once")
    func imports() async throws {
        let server = try await TestServer()
        let rows: [JSONValue] = (1...20)
            .map { day in
                let date = "2026-11-" + (day < 10 ? "0" : "") + "\(day)"
                return [
                    "tenant": "acme", "meter": "ai_tokens", "date": .string(date), "units": 3,
                ]
            }
        let replies = try await atOnce(6) { _ in try await server.admin.importing("usage", rows) }
        #expect(replies.allSatisfy { $0.status == 200 && $0["failed"] == [] })
        #expect(replies.reduce(0) { $0 + $1.json.integer("created") } == 20)
        #expect(replies.reduce(0) { $0 + $1.json.integer("skipped") } == 100)
        #expect(try await server.admin.usage().used(Self.tokens) == 60)
    }

    @Test("of many that create the same one does")
    func creations() async throws {
        let server = try await TestServer()
        for (path, body) in [
            ("tenants", ["id": "x"]), ("organizations", ["id": "x"]),
            ("plans", ["id": "x", "limits": []]), ("meters", ["id": "x", "kind": "counter"]),
        ] as [(String, JSONValue)] {
            let replies = try await atOnce(12) { _ in
                try await server.admin.post("/api/admin/\(path)", body)
            }
            #expect(replies.count { $0.status == 201 } == 1, "\(path)")
            #expect(replies.count { $0.status == 409 } == 11, "\(path)")
        }
        #expect(try await server.admin.audit().count == 4)
        let puts = try await atOnce(12) { _ in
            try await server.admin.override(["limit": 5], of: "x")
        }
        #expect(puts.count { $0.status == 201 } == 1)
        #expect(puts.count { $0.status == 200 } == 11)
    }

    @Test("the tenants of one organization never pass its limits together")
    func organization() async throws {
        let server = try await TestServer()
        _ = try await server.admin.put(
            "/api/admin/organizations/corp",
            [
                "limits": [
                    .limit(5, "api_calls", per: "month"), .limit(40, "ai_tokens", per: "day"),
                ]
            ])
        for tenant in ["a", "b", "c"] {
            _ = try await server.admin.createTenant([
                "id": .string(tenant), "organization": "corp",
            ])
        }
        let tenants = ["a", "b", "c"]
        let calls = try await atOnce(30) { index in
            try await server.admin.consume(1, "api_calls", tenant: tenants[index % 3])
        }
        let units = try await atOnce(90) { index in
            try await server.admin.consume(1, "ai_tokens", tenant: tenants[index % 3])
        }
        #expect(calls.count { $0.status == 200 } == 5)
        #expect(units.count { $0.status == 200 } == 40)
        let usage = try await server.admin.get("/api/admin/organizations/corp/usage")
        #expect(usage.used("org:api_calls/month") == 5)
        #expect(usage.used("org:ai_tokens/day") == 40)
    }
}
