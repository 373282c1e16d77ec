import QuotaLedger
import QuotaModel
import StrictJSON
import Testing

@Suite("check and usage")
struct CheckTests {
    @Test("check has the members of consume, with the figures before the charge")
    func sameMembers() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(10, "ai_tokens")
        let checked = try await server.admin.check(.charging(5, "ai_tokens"))
        #expect(checked.status == 200)
        #expect(checked["allowed"] == true)
        #expect(checked.used("tenant:ai_tokens/month") == 10)
        let consumed = try await server.admin.consume(5, "ai_tokens")
        #expect(consumed.used("tenant:ai_tokens/month") == 15)
        #expect(Reply.names(checked.json) == Reply.names(consumed.json))
    }

    @Test("a check that would be refused is answered with 200 and the reason")
    func refused() async throws {
        let server = try await TestServer()
        let reply = try await server.admin.check(.charging(1001, "api_calls"))
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "application/json")
        #expect(reply["allowed"] == false)
        #expect(reply["denied_by", "id"] == "tenant:api_calls/month")
        #expect(reply["denied_by", "available"] == 1000)
    }

    @Test("check charges nothing and creates nothing")
    func noTrace() async throws {
        let server = try await TestServer()
        for _ in 0..<3 {
            let reply = try await server.admin.check(.charging(1000, "api_calls"))
            #expect(reply["allowed"] == true)
            #expect(reply.used("tenant:api_calls/month") == 0)
        }
        expectProblem(try await server.admin.usage(), 404)
        expectProblem(try await server.admin.get("/api/admin/tenants/acme"), 404)
        #expect(try await server.ledger.accounts(of: TenantID(trusted: "acme")).isEmpty)
    }

    @Test("check takes no tokens of a rate")
    func rate() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("free", [.limit(2, "api_calls", per: "minute")])
        for _ in 0..<5 {
            #expect(try await server.admin.check(["tenant": "acme"])["allowed"] == true)
        }
        #expect(try await server.admin.consume(2, "api_calls").status == 200)
        #expect(try await server.admin.check(["tenant": "acme"])["allowed"] == false)
    }

    @Test("usage shows every limit of the tenant, allocations apart")
    func usage() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(7, "api_calls")
        let reply = try await server.admin.usage()
        #expect(reply.status == 200)
        #expect(reply["tenant"] == "acme")
        #expect(reply["plan"] == "free")
        #expect(reply.used("tenant:api_calls/month") == 7)
        #expect(reply.used("tenant:ai_tokens/month") == 0)
        let allocations = reply["allocations"]?.arrayValue ?? []
        #expect(
            Set(allocations.compactMap { $0["id"]?.stringValue }) == [
                "tenant:storage_gb/none", "tenant:team_members/none", "tenant:projects/none",
            ])
        #expect(allocations.allSatisfy { $0["window"] == "none" && $0["reset_at"] == .null })
        let decided = try await server.admin.consume(1, "api_calls")
        #expect(Reply.names(reply["limits", 0]) == Reply.names(decided["limits", 0]))
    }

    @Test("usage of an unknown tenant is 404 and creates nothing")
    func unknownTenant() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.usage("nobody"), 404)
        expectProblem(try await server.admin.usage("nobody"), 404)
        #expect(try await server.ledger.tenant(TenantID(trusted: "nobody")) == nil)
        expectProblem(try await server.admin.get("/api/v1/usage"), 422)
    }
}
