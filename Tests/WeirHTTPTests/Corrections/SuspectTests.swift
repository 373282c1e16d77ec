import QuotaTesting
import StrictJSON
import Testing

@Suite("suspect grants")
struct SuspectTests {
    private static let tokens = "tenant:ai_tokens/month"
    private static let path = "/api/admin/suspect"

    private func resolve(_ grant: JSONValue?, _ used: Int64, on server: TestServer)
        async throws -> Reply
    {
        let id = grant?.string("grant") ?? ""
        return try await server.admin.post(
            "\(Self.path)/\(id.percentEncoded)/resolve",
            ["used": .integer(used), "reason": "found in the logs"])
    }

    @Test("a grant that fell silent is listed with all its members")
    func list() async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        let list = try await server.admin.items(of: Self.path)
        #expect(list.count == 1)
        let grant = try #require(list.first)
        #expect(
            Reply.names(grant) == [
                "grant", "holder", "limit_id", "meter", "period_start", "posted", "reservation",
                "returned", "size", "suspect", "tenant",
            ])
        #expect(grant["holder"] == .null)
        #expect(!grant.string("grant").isEmpty)
        #expect(grant["tenant"] == "acme")
        #expect(grant["limit_id"] == .string(Self.tokens))
        #expect(grant["meter"] == "ai_tokens")
        #expect(grant["reservation"] == .string(id))
        #expect(grant["suspect"] == 500)
        #expect(grant["posted"] == 0)
        #expect(grant["period_start"] == "2026-11-01T00:00:00Z")
    }

    @Test("a lease of a lost node is listed and resolved like a grant")
    func lostLease() async throws {
        let server = try await TestServer()
        try await server.loseLease(of: 1_000)
        let listed = try #require(try await server.admin.items(of: Self.path).first)
        #expect(listed["grant"] == "lost.1.1")
        #expect(listed["tenant"] == "acme")
        #expect(listed["limit_id"] == .string(Self.tokens))
        #expect(listed["reservation"] == .null)
        #expect(listed["holder"] == "ended")
        #expect(listed["suspect"] == 1_000)
        let resolved = try await resolve(listed, 120, on: server)
        #expect(resolved.status == 200)
        #expect(
            Reply.names(resolved.json) == [
                "grant", "limit_id", "meter", "overage", "period_start", "posted", "returned",
                "size", "state", "suspect", "tenant",
            ])
        #expect(resolved["grant"] == "lost.1.1")
        #expect(resolved["state"] == "closed")
        #expect(resolved["posted"] == 120)
        #expect(resolved["returned"] == 880)
        #expect(resolved["suspect"] == 0)
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        let audit = try await server.admin.items(of: "/api/admin/audit")
        #expect(audit.first?["action"] == "suspect.resolve")
        #expect(audit.first?["tenant"] == "acme")
        expectProblem(try await resolve(listed, 120, on: server), 409)
    }

    @Test("a lease of a node that may still report is not resolved")
    func liveLease() async throws {
        let server = try await TestServer()
        try await server.loseLease(of: 500, isOver: false)
        server.clock.advance(by: .seconds(61))
        try await server.settleDown()
        let listed = try #require(try await server.admin.items(of: Self.path).first)
        #expect(listed["holder"] == "live")
        expectProblem(try await resolve(listed, 120, on: server), 409)
        #expect(try await server.admin.items(of: Self.path).count == 1)
    }

    @Test("the list is of one tenant or of all, page by page")
    func pages() async throws {
        let server = try await TestServer()
        for tenant in ["acme", "globex", "a}{b", "acme", "acme"] {
            _ = try await server.suspectReservation([(5, "ai_tokens")], tenant: tenant)
        }
        for size in [1, 2, 5] {
            let all = try await server.admin.items(of: Self.path, pageSize: size)
            #expect(Set(all.map { $0.string("grant") }).count == 5)
            #expect(all.count == 5)
            let one = try await server.admin.items(of: Self.path + "?tenant=acme", pageSize: size)
            #expect(one.count == 3)
            #expect(one.allSatisfy { $0["tenant"] == "acme" })
        }
        let odd = try await server.admin.items(of: Self.path + "?tenant=a%7D%7Bb")
        #expect(odd.count == 1)
    }

    @Test("resolving books the proven use and gives the rest back", arguments: [0, 1, 300, 500])
    func resolve(used: Int64) async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: Self.path).first
        let resolved = try await resolve(grant, used, on: server)
        #expect(resolved.status == 200)
        #expect(resolved["reservation_id"] == .string(id))
        let limit = try #require(try await server.admin.usage().limit(Self.tokens))
        #expect(limit["used"]?.integerValue == used)
        #expect(limit["suspect"] == 0)
        #expect(limit["held"] == 0)
        #expect(limit["remaining"]?.integerValue == 100_000 - used)
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        let audit = try await server.admin.audit("tenant=acme")
        #expect(audit.first?["action"] == "suspect.resolve")
        #expect(audit.first?["subject"] == grant?["grant"])
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.reduce(0) { $0 + $1.integer("units") } == used)
        #expect(try await server.admin.consume(100_000 - used, "ai_tokens").status == 200)
        expectProblem(try await server.admin.consume(1, "ai_tokens"), 429)
    }

    @Test("all limits of the meter end together")
    func severalLimits() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [
                .limit(1000, "ai_tokens", per: "day"), .limit(2000, "ai_tokens", per: "month"),
                .limit(9000, "ai_tokens", per: "lifetime"),
            ])
        _ = try await server.suspectReservation([(500, "ai_tokens")])
        let grants = try await server.admin.items(of: Self.path)
        #expect(Set(grants.map { $0.string("limit_id") }).count == 3)
        #expect(try await resolve(grants.last, 120, on: server).status == 200)
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        let usage = try await server.admin.usage()
        for window in ["day", "month", "lifetime"] {
            let limit = usage.limit("tenant:ai_tokens/\(window)")
            #expect(limit?["used"] == 120, "\(window)")
            #expect(limit?["suspect"] == 0, "\(window)")
        }
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.map { $0["units"] } == [120])
        for grant in grants {
            expectProblem(try await resolve(grant, 1, on: server), 409)
        }
    }

    @Test("each meter is resolved by itself")
    func severalMeters() async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens"), (4, "api_calls")])
        let grants = try await server.admin.items(of: Self.path)
        #expect(Set(grants.map { $0.string("meter") }) == ["ai_tokens", "api_calls"])
        let tokens = grants.first { $0["meter"] == "ai_tokens" }
        #expect(try await resolve(tokens, 120, on: server).status == 200)
        let left = try await server.admin.items(of: Self.path)
        #expect(left.map { $0.string("meter") } == ["api_calls"])
        let between = try await server.admin.usage()
        #expect(between.used(Self.tokens) == 120)
        #expect(between.limit("tenant:api_calls/month")?["suspect"] == 4)
        #expect(try await resolve(left.first, 0, on: server).status == 200)
        let usage = try await server.admin.usage()
        #expect(usage.used(Self.tokens) == 120)
        #expect(usage.used("tenant:api_calls/month") == 0)
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        #expect(try await server.admin.reservation(id).status == 200)
    }

    @Test("after it the holder's own word changes nothing any more")
    func lateSettle() async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: Self.path).first
        _ = try await resolve(grant, 120, on: server)
        let settled = try await server.admin.settle(id, [.charge(300, "ai_tokens")])
        #expect([200, 409].contains(settled.status))
        let voided = try await server.admin.void(id)
        #expect([200, 409].contains(voided.status))
        #expect(try await server.admin.usage().used(Self.tokens) == 120)
        let events = try await server.admin.events("acme", "meter=ai_tokens")
        #expect(events.reduce(0) { $0 + $1.integer("units") } == 120)
    }

    @Test("when one meter is resolved, the holder may still settle the other")
    func partlyResolved() async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens"), (4, "api_calls")])
        let grants = try await server.admin.items(of: Self.path)
        _ = try await resolve(grants.first { $0["meter"] == "ai_tokens" }, 120, on: server)
        let settled = try await server.admin.settle(
            id, [.charge(300, "ai_tokens"), .charge(3, "api_calls")])
        #expect([200, 409].contains(settled.status), "\(settled.text)")
        let usage = try await server.admin.usage()
        #expect(usage.used(Self.tokens) == 120)
        #expect([3, 4].contains(usage.used("tenant:api_calls/month")))
    }

    @Test("only what is suspect can be resolved, and once")
    func notSuspect() async throws {
        let server = try await TestServer()
        let id = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: Self.path).first
        for unknown in ["node.9.99", "x", "..", "a b", "node.1.999999999999999999999"] {
            let reply = try await server.admin.post(
                "\(Self.path)/\(unknown.percentEncoded)/resolve", ["used": 1])
            expectProblem(reply, 404, "\(unknown)")
        }
        _ = try await server.admin.settle(id, [.charge(7, "ai_tokens")])
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        expectProblem(try await resolve(grant, 1, on: server), 409)
        #expect(try await server.admin.usage().used(Self.tokens) == 7)
    }

    @Test("after the period closed, evidence is booked now and the closed books stay")
    func closedPeriod() async throws {
        let server = try await TestServer(at: "2026-11-30T12:00:00Z")
        _ = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: Self.path).first
        for instant in ["2026-12-01T00:00:01Z", "2026-12-01T01:00:00Z", "2026-12-03T00:00:00Z"] {
            try server.move(to: instant)
            _ = try await server.admin.consume(1, "ai_tokens")
            try await server.settleDown()
        }
        let before = try await server.admin.periods(("ai_tokens", "month")).last
        #expect(before?["state"] == "closed")
        #expect(before?["posted"] == 0)
        #expect(try await server.admin.usage().used(Self.tokens) == 3)
        #expect(try await resolve(grant, 120, on: server).status == 200)
        #expect(try await server.admin.periods(("ai_tokens", "month")).last == before)
        #expect(try await server.admin.usage().used(Self.tokens) == 123)
        let adjusting = try await server.admin.events("acme", "meter=ai_tokens")
            .filter { $0["adjusts"] != .null }
        #expect(adjusting.map { $0["units"] } == [120])
        #expect(try await server.admin.items(of: Self.path).isEmpty)
        expectProblem(try await resolve(grant, 120, on: server), 409)
    }

    @Test(
        "used is an amount or 0",
        arguments: [
            ([:], "/used"), (["used": -1], "/used"), (["used": "5"], "/used"),
            (["used": 9_007_199_254_740_992], "/used"), (["used": nil], "/used"),
            (["used": 1, "amount": 1], "/amount"),
        ] as [(JSONValue, String)])
    func wrongValues(body: JSONValue, pointer: String) async throws {
        let server = try await TestServer()
        _ = try await server.suspectReservation([(500, "ai_tokens")])
        let grant = try await server.admin.items(of: Self.path).first?.string("grant") ?? ""
        let reply = try await server.admin.post("\(Self.path)/\(grant)/resolve", body)
        expectProblem(reply, 422, pointer: pointer)
        #expect(try await server.admin.usage().limit(Self.tokens)?["suspect"] == 500)
    }
}
