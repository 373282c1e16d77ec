import StrictJSON
import Testing

@Suite("paths and queries")
struct QueryTests {
    @Test(
        "parameters are checked, and the answer names the one that is wrong",
        arguments: [
            ("/api/admin/tenants?limit=0", "limit"), ("/api/admin/tenants?limit=1001", "limit"),
            ("/api/admin/tenants?limit=-1", "limit"), ("/api/admin/tenants?limit=1e3", "limit"),
            ("/api/admin/tenants?limit=", "limit"), ("/api/admin/tenants?limit=ten", "limit"),
            ("/api/admin/tenants?limit=99999999999999999999", "limit"),
            ("/api/admin/tenants?cursor=%21%21", "cursor"),
            ("/api/admin/tenants?cursor=_w", "cursor"),
            ("/api/admin/keys?limit=0", "limit"), ("/api/admin/plans?cursor=*", "cursor"),
            ("/api/admin/quota/usage?limit=0", "limit"),
            ("/api/admin/quota/usage?limit=1001", "limit"),
            ("/api/admin/quota/usage?offset=-1", "offset"),
            ("/api/admin/quota/usage?offset=x", "offset"),
            ("/api/admin/quota/usage?offset=99999999999999999999", "offset"),
            ("/api/admin/quota/usage?date_str=2026-02-30", "date_str"),
            ("/api/admin/quota/usage?date_str=2026-4-9", "date_str"),
            ("/api/admin/quota/usage?date_str=20260409", "date_str"),
            ("/api/admin/quota/usage?date_str=2026-04-09T00:00:00Z", "date_str"),
            ("/api/admin/quota/usage?date_str=", "date_str"),
            ("/api/admin/quota/usage?date_str=0000-00-00", "date_str"),
            ("/api/admin/quota/usage?meter=", "meter"),
            ("/api/admin/quota/usage?meter=gpu_hours", "gpu_hours"),
            ("/api/admin/quota/usage?page=2", "page"), ("/api/v1/usage?tenat=acme", "tenat"),
            ("/api/v1/usage?tenant=", "tenant"), ("/api/admin/tenants?limit=1&limit=2", "limit"),
        ])
    func parameters(path: String, name: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.get(path)
        expectProblem(reply, 422)
        #expect(reply.string("detail").contains(name), "\(reply.text)")
    }

    @Test(
        "an unknown route is a problem too",
        arguments: [
            ("GET", "/"), ("GET", "/api"), ("GET", "/api/v2/usage"), ("POST", "/api/v1/nothing"),
            ("GET", "/api/admin/nothing"), ("GET", "/../../etc/passwd"), ("GET", "/%00"),
        ])
    func unknownRoute(method: String, path: String) async throws {
        let server = try await TestServer()
        expectProblem(try await server.admin.send(method, path), 404)
    }

    @Test(
        "a route that does not take the method is a problem too",
        arguments: [
            ("GET", "/api/v1/consume"), ("PUT", "/api/v1/consume"), ("DELETE", "/api/v1/usage"),
            ("POST", "/api/v1/usage"), ("POST", "/livez"), ("PUT", "/api/admin/tenants"),
        ])
    func wrongMethod(method: String, path: String) async throws {
        let server = try await TestServer()
        let reply = try await server.admin.send(method, path)
        #expect([404, 405].contains(reply.status))
        expectProblem(reply, reply.status)
    }
}
