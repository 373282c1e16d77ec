import StrictJSON
import Testing

@Suite("overrides")
struct OverrideTests {
    private static let calls = "tenant:api_calls/month"

    @Test("a raised limit holds at once, says so, and ends with its override")
    func raise() async throws {
        let server = try await TestServer()
        #expect(try await server.admin.consume(1000, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        #expect(try await server.admin.override(["limit": 1500]).status == 201)
        let raised = try await server.admin.consume(500, "api_calls")
        #expect(raised.status == 200)
        #expect(raised.used(Self.calls) == 1500)
        #expect(raised.limit(Self.calls)?["limit"] == 1500)
        #expect(raised.limit(Self.calls)?["source"] == "override")
        #expect(raised["limits"]?.arrayValue?.count == 1)
        let refused = try await server.admin.consume(1, "api_calls")
        expectRefusal(refused, by: Self.calls)
        #expect(refused["denied_by", "available"] == 0)
        let deleted = try await server.admin.delete(
            "/api/admin/tenants/acme/overrides/api_calls/month")
        #expect(deleted.status == 204)
        let back = try await server.admin.usage()
        #expect(back.limit(Self.calls)?["limit"] == 1000)
        #expect(back.limit(Self.calls)?["source"] == "plan")
        #expect(back.used(Self.calls) == 1500)
    }

    @Test("a lowered limit claws nothing back and grants nothing more", arguments: [0, 100, 600])
    func lower(limit: Int64) async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(600, "api_calls")
        _ = try await server.admin.override(["limit": .integer(limit)])
        let refused = try await server.admin.consume(1, "api_calls")
        expectRefusal(refused, by: Self.calls)
        #expect(refused.used(Self.calls) == 600)
        #expect(refused.limit(Self.calls)?["remaining"] == 0)
        #expect(refused.limit(Self.calls)?["exceeded"] == true)
        _ = try await server.admin.override(["limit": 610])
        #expect(try await server.admin.consume(10, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
    }

    @Test("null is unlimited, and use is counted all the same")
    func unlimited() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let put = try await server.admin.override(["limit": nil])
        #expect(put.status == 201)
        #expect(put["limit"] == .null)
        let reply = try await server.admin.consume(5_000_000, "api_calls")
        #expect(reply.status == 200)
        #expect(reply.limit(Self.calls)?["unlimited"] == true)
        #expect(reply.limit(Self.calls)?["limit"] == .null)
        #expect(reply.limit(Self.calls)?["remaining"] == .null)
        #expect(reply.limit(Self.calls)?["source"] == "override")
        #expect(reply.used(Self.calls) == 5_000_000)
        _ = try await server.admin.override(["limit": 5_000_001])
        #expect(try await server.admin.consume(1, "api_calls").status == 200)
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
    }

    @Test("it makes a limit that the plan lacks, besides those it has")
    func create() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        for (limit, window) in [("api_calls/day", "day"), ("ai_tokens/year", "year")] {
            let meter = String(limit.split(separator: "/")[0])
            _ = try await server.admin.override(["limit": 5], on: limit)
            let reply = try await server.admin.consume(5, meter)
            #expect(reply.status == 200)
            #expect(reply.limit("tenant:\(limit)")?["window"] == .string(window))
            #expect(reply.limit("tenant:\(limit)")?["source"] == "override")
            #expect(reply.limit("tenant:\(meter)/month")?["unlimited"] == true)
            expectRefusal(try await server.admin.consume(1, meter), by: "tenant:\(limit)")
        }
        _ = try await server.admin.delete("/api/admin/tenants/acme/overrides/api_calls/day")
        let free = try await server.admin.consume(1, "api_calls")
        #expect(free.status == 200)
        #expect(free.limit("tenant:api_calls/day") == nil)
    }

    @Test("rates and allocations are overridden too")
    func otherKinds() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.override(["limit": 2], on: "api_calls/minute")
        #expect(try await server.admin.consume(2, "api_calls").status == 200)
        let limited = try await server.admin.consume(1, "api_calls")
        expectRefusal(limited, by: "tenant:api_calls/minute", reason: "rate_exceeded")
        #expect(limited.limit("tenant:api_calls/minute")?["source"] == "override")
        _ = try await server.admin.override(["limit": 7], on: "team_members/none")
        let seats = "tenant:team_members/none"
        #expect(try await server.admin.allocate(7).limit(seats)?["source"] == "override")
        expectRefusal(try await server.admin.allocate(1), by: seats)
        #expect(try await server.admin.usage().allocation(seats)?["limit"] == 7)
        _ = try await server.admin.override(["limit": nil], on: "team_members/none")
        #expect(try await server.admin.allocate(100).used(seats) == 107)
        _ = try await server.admin.delete(
            "/api/admin/tenants/acme/overrides/team_members/none")
        expectRefusal(try await server.admin.allocate(1), by: seats)
        #expect(try await server.admin.setAllocation(3).status == 200)
    }

    @Test("it holds whatever plan the tenant is on, and for no other tenant")
    func scope() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        _ = try await server.admin.consume(["tenant": "globex"])
        _ = try await server.admin.override(["limit": 7])
        for plan in ["starter", "enterprise", "free"] {
            let change: JSONValue = ["plan": .string(plan)]
            _ = try await server.admin.patchTenant("acme", change)
            let usage = try await server.admin.usage()
            #expect(usage.limit(Self.calls)?["limit"] == 7, "\(plan)")
            expectRefusal(try await server.admin.consume(7, "api_calls"), by: Self.calls)
        }
        #expect(try await server.admin.consume(900, "api_calls", tenant: "globex").status == 200)
        _ = try await server.admin.putPlan("free", [.limit(1, "api_calls", per: "month")])
        #expect(try await server.admin.consume(6, "api_calls").status == 200)
    }

    @Test("what is held under a raised limit settles after it is gone")
    func reservations() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1, "api_calls")
        _ = try await server.admin.override(["limit": 5000])
        let id = try await server.admin.reserve(.charging(4000, "api_calls"))
            .string("reservation_id")
        _ = try await server.admin.delete("/api/admin/tenants/acme/overrides/api_calls/month")
        expectRefusal(try await server.admin.consume(1, "api_calls"), by: Self.calls)
        #expect(try await server.admin.settle(id, [.charge(998, "api_calls")]).status == 200)
        #expect(try await server.admin.consume(1, "api_calls").used(Self.calls) == 1000)
    }

    @Test("changing it while many consume never lets more pass than the largest limit")
    func race() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.override(["limit": 50])
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<120 {
                group.addTask { try await server.admin.consume(1, "api_calls").status == 200 }
                guard index % 10 == 0 else { continue }
                let limit: JSONValue = ["limit": .integer(index % 20 == 0 ? 40 : 50)]
                group.addTask { try await server.admin.override(limit).status == 999 }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect((40...50).contains(passed))
        #expect(try await server.admin.usage().used(Self.calls) == Int64(passed))
    }
}
