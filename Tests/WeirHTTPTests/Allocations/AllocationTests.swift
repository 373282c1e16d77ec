import StrictJSON
import Testing

@Suite("allocations")
struct AllocationTests {
    private static let members = "tenant:team_members/none"

    @Test("seats are taken, released and set, and usage shows them")
    func story() async throws {
        let server = try await TestServer()
        let taken = try await server.admin.allocate(2)
        #expect(taken.status == 200)
        #expect(taken.used(Self.members) == 2)
        #expect(taken.limit(Self.members)?["remaining"] == 1)
        let released = try await server.admin.allocate(-1)
        #expect(released.status == 200)
        #expect(released.used(Self.members) == 1)
        let set = try await server.admin.setAllocation(3)
        #expect(set.status == 200)
        #expect(set.used(Self.members) == 3)
        #expect(set.limit(Self.members)?["exceeded"] == true)
        let usage = try await server.admin.usage()
        #expect(usage.allocated(Self.members) == 3)
        #expect(usage.allocation(Self.members)?["remaining"] == 0)
        #expect(usage.limit(Self.members) == nil)
        #expect(usage.allocated("tenant:projects/none") == 0)
        #expect(try await server.admin.setAllocation(0).used(Self.members) == 0)
        #expect(try await server.admin.allocate(3).status == 200)
    }

    @Test("the answer is a decision over the limits of the allocation")
    func members() async throws {
        let server = try await TestServer()
        let decision = try await server.admin.consume(1, "api_calls")
        let reply = try await server.admin.allocate(1)
        #expect(Reply.names(reply.json) == Reply.names(decision.json))
        #expect(Reply.names(reply["limits", 0]) == Reply.names(decision["limits", 0]))
        #expect(reply["allowed"] == true)
        #expect(reply["denied_by"] == .null)
        #expect(reply["plan"] == "free")
        #expect(reply["limits"]?.arrayValue?.count == 1)
        let limit = try #require(reply.limit(Self.members))
        let expected: JSONValue = [
            "id": "tenant:team_members/none", "meter": "team_members", "scope": "tenant",
            "window": "none", "limit": 3, "used": 1, "held": 0, "suspect": 0, "remaining": 2,
            "reset_at": nil, "soft_limit": 2, "approaching": false, "exceeded": false,
            "unlimited": false, "source": "plan", "mode": "enforce",
        ]
        for name in Reply.names(expected) where name != "soft_limit" {
            #expect(limit[name] == expected[name], "\(name)")
        }
    }

    @Test("beyond the limit is 429 and changes nothing")
    func beyond() async throws {
        let server = try await TestServer()
        _ = try await server.admin.allocate(2)
        for reply in [
            try await server.admin.allocate(2), try await server.admin.setAllocation(4),
            try await server.admin.allocate(9_007_199_254_740_991),
        ] {
            expectRefusal(reply, by: Self.members)
            #expect(reply["denied_by", "available"] == 1)
            #expect(reply["denied_by", "retry_after_ms"] == .null)
            #expect(reply["denied_by", "upgrade", "plan"] != nil)
            #expect(reply.header("Retry-After") == nil)
            #expect(reply.used(Self.members) == 2)
        }
        #expect(try await server.admin.usage().allocated(Self.members) == 2)
        #expect(try await server.admin.allocate(1).status == 200)
    }

    @Test("below zero is 422 and changes nothing")
    func belowZero() async throws {
        let server = try await TestServer()
        _ = try await server.admin.allocate(2)
        for delta in [-3, -9_007_199_254_740_991] as [Int64] {
            expectProblem(try await server.admin.allocate(delta), 422, pointer: "/delta")
        }
        #expect(try await server.admin.usage().allocated(Self.members) == 2)
        #expect(try await server.admin.allocate(-2).used(Self.members) == 0)
        expectProblem(try await server.admin.allocate(-1), 422, pointer: "/delta")
        expectProblem(
            try await server.admin.allocate(-1, tenant: "newcomer"), 422, pointer: "/delta")
        #expect(try await server.admin.get("/api/admin/tenants/newcomer").status == 404)
    }

    @Test("an unlimited plan counts all the same, and not below zero")
    func unlimited() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        let reply = try await server.admin.allocate(1_000_000)
        #expect(reply.status == 200)
        #expect(reply.used(Self.members) == 1_000_000)
        #expect(reply.limit(Self.members)?["unlimited"] == true)
        #expect(reply.limit(Self.members)?["limit"] == .null)
        #expect(reply.limit(Self.members)?["remaining"] == .null)
        #expect(try await server.admin.setAllocation(7).used(Self.members) == 7)
        expectProblem(try await server.admin.allocate(-8), 422, pointer: "/delta")
        #expect(try await server.admin.usage().allocated(Self.members) == 7)
    }

    @Test("no sum of legal deltas stops the server")
    func sums() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "enterprise"])
        var statuses: Set<Int> = []
        for _ in 0..<1100 {
            statuses.insert(try await server.admin.allocate(9_007_199_254_740_991).status)
        }
        #expect(statuses.isSubset(of: [200, 422, 429]))
        #expect(try await server.admin.usage().allocated(Self.members) > 0)
        #expect(try await server.admin.setAllocation(1).status == 200)
    }

    @Test("a counter is refused, and so is a meter that nobody knows")
    func wrongMeter() async throws {
        let server = try await TestServer()
        for meter in ["api_calls", "ai_tokens", "gpu_hours", ""] {
            expectProblem(try await server.admin.allocate(1, meter), 422, pointer: "/meter")
            expectProblem(try await server.admin.setAllocation(1, meter), 422, pointer: "/meter")
        }
        expectProblem(
            try await server.admin.allocation(["tenant": "acme", "delta": 1]), 422,
            pointer: "/meter")
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("exactly one of delta and set")
    func oneVerb() async throws {
        let server = try await TestServer()
        let body: JSONValue = ["tenant": "acme", "meter": "team_members"]
        expectProblem(try await server.admin.allocation(body), 422)
        expectProblem(
            try await server.admin.allocation(body.with("delta", 1).with("set", 1)), 422)
        expectProblem(
            try await server.admin.allocation(body.with("delta", 1).with("amount", 1)), 422,
            pointer: "/amount")
        expectProblem(try await server.admin.usage(), 404)
    }

    @Test("releasing always passes, also above a lowered limit; taking does not")
    func aboveTheLimit() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme", "plan": "starter"])
        _ = try await server.admin.allocate(9)
        _ = try await server.admin.patchTenant("acme", ["plan": "free", "plan_at": "now"])
        let shown = try await server.admin.usage()
        #expect(shown.allocation(Self.members)?["limit"] == 3)
        #expect(shown.allocation(Self.members)?["used"] == 9)
        #expect(shown.allocation(Self.members)?["remaining"] == 0)
        expectRefusal(try await server.admin.allocate(1), by: Self.members)
        #expect(try await server.admin.allocate(-2).used(Self.members) == 7)
        #expect(try await server.admin.setAllocation(5).used(Self.members) == 5)
        expectRefusal(try await server.admin.setAllocation(6), by: Self.members)
        #expect(try await server.admin.setAllocation(3).status == 200)
        expectRefusal(try await server.admin.allocate(1), by: Self.members)
    }

    @Test("seats are never reset, whatever month or year it is")
    func neverReset() async throws {
        let server = try await TestServer()
        _ = try await server.admin.allocate(2)
        for instant in ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "2031-06-15T12:00:00Z"] {
            try server.move(to: instant)
            try await server.settleDown()
            #expect(try await server.admin.usage().allocated(Self.members) == 2)
            expectRefusal(try await server.admin.allocate(2), by: Self.members)
        }
        #expect(try await server.admin.allocate(1).status == 200)
    }
}
