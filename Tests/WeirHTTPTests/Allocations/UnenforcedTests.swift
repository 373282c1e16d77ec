import QuotaNode
import StrictJSON
import Testing

@Suite("without enforcement")
struct UnenforcedTests {
    @Test("everything passes, says so, and is recorded all the same")
    func passes() async throws {
        var settings = NodeSettings()
        settings.isEnforced = false
        let server = try await TestServer(settings: settings)
        let seats = try await server.admin.allocate(100)
        #expect(seats.status == 200)
        #expect(seats["enforced"] == false)
        #expect(seats.used("tenant:team_members/none") == 100)
        expectProblem(try await server.admin.allocate(-101), 422, pointer: "/delta")
        let batch = try await server.admin.batch(
            "consume", [.charging(5000, "api_calls"), .charging(0, "api_calls")])
        #expect(batch.statuses == [200, 422])
        #expect(batch["results", 0, "enforced"] == false)
        #expect(try await server.admin.forwardAuth("tenant=acme&amount=5000").status == 204)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 10_000)
        _ = try await server.admin.override(["limit": 1])
        #expect(try await server.admin.consume(5, "api_calls").status == 200)
    }
}
