import StrictJSON
import Testing

@Suite("methods")
struct MethodTests {
    static let routes: [(String, Set<String>)] = [
        ("/api/v1/consume", ["POST"]), ("/api/v1/check", ["POST"]), ("/api/v1/reserve", ["POST"]),
        ("/api/v1/batch", ["POST"]), ("/api/v1/allocations", ["POST"]),
        ("/api/v1/usage", ["GET"]), ("/api/v1/forward-auth", ["GET"]),
        ("/api/v1/reservations/r", ["GET"]), ("/api/v1/reservations/r/settle", ["POST"]),
        ("/api/v1/reservations/r/void", ["POST"]),
        ("/api/admin/tenants", ["GET", "POST"]),
        ("/api/admin/tenants/acme", ["GET", "PATCH", "PUT", "DELETE"]),
        ("/api/admin/tenants/acme/overrides", ["GET"]),
        ("/api/admin/tenants/acme/overrides/api_calls/month", ["GET", "PUT", "DELETE"]),
        ("/api/admin/tenants/acme/reset", ["POST"]),
        ("/api/admin/tenants/acme/periods", ["GET"]),
        ("/api/admin/tenants/acme/usage", ["GET"]), ("/api/admin/tenants/acme/events", ["GET"]),
        ("/api/admin/overrides", ["GET"]),
        ("/api/admin/organizations", ["GET", "POST"]),
        ("/api/admin/organizations/corp", ["GET", "PATCH", "PUT", "DELETE"]),
        ("/api/admin/organizations/corp/usage", ["GET"]),
        ("/api/admin/keys", ["GET", "POST"]), ("/api/admin/keys/k", ["GET", "PATCH", "DELETE"]),
        ("/api/admin/keys/k/rotate", ["POST"]), ("/api/admin/service-keys", ["GET", "POST"]),
        ("/api/admin/service-keys/s", ["GET", "PATCH", "DELETE"]),
        ("/api/admin/service-keys/s/rotate", ["POST"]),
        ("/api/admin/meters", ["GET", "POST"]), ("/api/admin/meters/gpu", ["GET", "PUT"]),
        ("/api/admin/plans", ["GET", "POST"]),
        ("/api/admin/plans/free", ["GET", "PUT", "DELETE"]),
        ("/api/admin/reservations", ["GET"]), ("/api/admin/suspect", ["GET"]),
        ("/api/admin/suspect/node.1.1/resolve", ["POST"]),
        ("/api/admin/adjustments", ["POST"]), ("/api/admin/audit", ["GET"]),
        ("/api/admin/import", ["POST"]), ("/api/admin/quota/stats", ["GET"]),
        ("/api/admin/quota/usage", ["GET"]), ("/api/admin/quota/cache/warm", ["POST"]),
        ("/api/admin/quota/cache/clear", ["POST"]), ("/api/admin/quota/health", ["GET"]),
        ("/livez", ["GET"]), ("/readyz", ["GET"]), ("/metrics", ["GET"]),
        ("/openapi.yaml", ["GET"]),
    ]

    @Test("a wrong method on a known path is 405 and names the right ones", arguments: routes)
    func wrongMethod(path: String, methods: Set<String>) async throws {
        let server = try await TestServer()
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"]
        where !methods.contains(method) {
            let reply = try await server.admin.send(method, path, bytes: Array("{}".utf8))
            expectProblem(reply, 405, "\(method)")
            let allowed = (reply.header("Allow") ?? "").split(separator: ",")
                .map { String($0.drop { $0 == " " }) }
            #expect(
                Set(allowed).subtracting(["HEAD", "OPTIONS"]) == methods, "\(method): \(allowed)")
        }
        #expect(try await server.admin.get("/api/admin/tenants").items.isEmpty)
        #expect(try await server.admin.audit().isEmpty)
    }

    @Test("what is said of HEAD where there is none has no body")
    func head() async throws {
        let server = try await TestServer()
        for path in ["/api/v1/consume", "/nowhere"] {
            let reply = try await server.admin.send("HEAD", path)
            #expect(reply.status == (path == "/nowhere" ? 404 : 405))
            #expect(reply.bytes.isEmpty)
        }
    }

    @Test("the right methods are not 405", arguments: routes)
    func rightMethod(path: String, methods: Set<String>) async throws {
        let server = try await TestServer()
        for method in methods {
            let bytes = method == "GET" || method == "DELETE" ? nil : Array("{}".utf8)
            let reply = try await server.admin.send(method, path, bytes: bytes)
            #expect(reply.status != 405, "\(method)")
        }
    }

    @Test(
        "what looks like a path and is none is 404",
        arguments: [
            "/api/v1/allocation", "/api/v1/batch/x", "/api/v1/forward-auth/x", "/api/admin",
            "/api/admin/tenants/acme/x", "/api/admin/tenants/acme/overrides/api_calls",
            "/api/admin/tenants/acme/overrides/api_calls/month/x", "/api/admin/keys/k/rotate/x",
            "/api/admin/organizations/corp/x", "/api/admin/suspect/x", "/api/admin/imports",
            "/openapi.json",
        ])
    func unknownPath(path: String) async throws {
        let server = try await TestServer()
        for method in ["GET", "POST", "DELETE"] {
            expectProblem(try await server.admin.send(method, path), 404, "\(method)")
        }
    }

    @Test("the document of the API is served to anybody")
    func document() async throws {
        let server = try await TestServer()
        let reply = try await server.anonymous.get("/openapi.yaml")
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type")?.hasPrefix("application/yaml") == true)
        #expect(reply.text.hasPrefix("openapi:") || reply.text.contains("\nopenapi:"))
        for path in ["/api/v1/batch", "/api/v1/allocations", "/api/admin/import"] {
            #expect(reply.text.contains(path))
        }
    }
}
