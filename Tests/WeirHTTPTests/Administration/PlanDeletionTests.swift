import StrictJSON
import Testing

@Suite("deletion of plans")
struct PlanDeletionTests {
    private static let path = "/api/admin/plans"

    @Test("a plan goes when no tenant is on it, and its name falls back to free")
    func delete() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan("gold", [.limit(5, "api_calls", per: "day")])
        _ = try await server.admin.createTenant(["id": "acme", "plan": "gold"])
        expectProblem(try await server.admin.delete(Self.path + "/gold"), 409)
        #expect(try await server.admin.get(Self.path + "/gold").status == 200)
        // It goes on until the period ends, and then the plan is needed no more.
        _ = try await server.admin.patchTenant("acme", ["plan": "free"])
        expectProblem(try await server.admin.delete(Self.path + "/gold"), 409)
        _ = try await server.admin.patchTenant("acme", ["plan": "free", "plan_at": "now"])
        let deleted = try await server.admin.delete(Self.path + "/gold")
        #expect(deleted.status == 204)
        #expect(deleted.bytes.isEmpty)
        expectProblem(try await server.admin.get(Self.path + "/gold"), 404)
        expectProblem(try await server.admin.delete(Self.path + "/gold"), 404)
        let list = try await server.admin.items(of: Self.path, pageSize: 2)
        #expect(!list.contains { $0["id"] == "gold" })
        let late = try await server.admin.consume(["tenant": "late", "plan": "gold"])
        #expect(late.status == 200)
        #expect(late["warnings"]?.arrayValue?.isEmpty == false)
        #expect(late.limit("tenant:api_calls/month")?["limit"] == 1000)
    }

    @Test("free stays, and so does a plan under its other name")
    func kept() async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.delete(Self.path + "/free"), 409)
        _ = try await server.admin.createTenant(["id": "acme", "plan": "pro"])
        expectProblem(try await server.admin.delete(Self.path + "/professional"), 409)
        expectProblem(try await server.admin.delete(Self.path + "/pro"), 409)
        #expect(try await server.admin.consume(50_001, "api_calls").status == 200)
        #expect(try await server.admin.delete(Self.path + "/starter").status == 204)
        expectProblem(try await server.admin.get(Self.path + "/starter"), 404)
    }
}
