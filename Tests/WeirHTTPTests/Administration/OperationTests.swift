import StrictJSON
import Testing
import WeirHTTP

@Suite("operations")
struct OperationTests {
    @Test("livez and readyz need no credential; readyz follows the server")
    func probes() async throws {
        let server = try await TestServer()
        #expect(try await server.anonymous.get("/livez").status == 200)
        #expect(try await server.anonymous.get("/readyz").status == 200)
        server.readiness.set(false)
        #expect(try await server.anonymous.get("/readyz").status == 503)
        #expect(try await server.anonymous.get("/livez").status == 200)
        server.readiness.set(true)
        #expect(try await server.anonymous.get("/readyz").status == 200)
    }

    @Test("not being ready is a problem like every other error")
    func notReady() async throws {
        let server = try await TestServer()
        server.readiness.set(false)
        expectProblem(try await server.anonymous.get("/readyz"), 503)
    }

    @Test("metrics are text for Prometheus, under OpenTelemetry's names")
    func metrics() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        _ = try await server.admin.consume(1001, "api_calls")
        let reply = try await server.anonymous.get("/metrics")
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type")?.hasPrefix("text/plain") == true)
        #expect(reply.text.contains("http_server_request_duration_seconds_bucket{"))
        #expect(reply.text.contains(#"plan="free""#))
        #expect(reply.text.contains(#"limit="tenant:api_calls/month""#))
        for line in reply.text.split(separator: "\n") where line.hasPrefix("# TYPE") {
            let words = line.split(separator: " ")
            if words.last == "counter" { #expect(words[2].hasSuffix("_total"), "\(line)") }
        }
    }

    @Test("no label names a tenant, a key or anything else that callers choose")
    func labels() async throws {
        let server = try await TestServer()
        let tenant = "tenant-name-7f3a"
        _ = try await server.admin.createTenant(["id": .string(tenant)])
        let key = try await server.admin.createKey(
            of: tenant, limits: [.limit(1, "api_calls", per: "day")])
        let client = server.bearer(key.text)
        _ = try await client.consume(2, "api_calls", tenant: nil, model: "model-7f3a")
        let reserved = try await client.reserve([:])
        _ = try await client.void(reserved.string("reservation_id"))
        _ = try await client.reservation("reservation-7f3a")
        _ = try await server.admin.get("/api/admin/tenants/\(tenant)")
        _ = try await server.admin.get("/api/admin/keys/\(key.id)")
        _ = try await server.admin.get("/nowhere/path-7f3a")
        _ = try await server.admin.consume(["tenant": "x", "plan": "plan-7f3a"])
        _ = try await server.admin.consume(["tenant": "x", "charges": [.charge(1, "meter-7f3a")]])
        _ = try await server.admin.send("PROPFIND7F3A", "/api/v1/usage")
        let text = try await server.anonymous.get("/metrics").text
        for word in ["7f3a", "7F3A", key.id, key.text, reserved.string("reservation_id")] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(text.contains("weir_decisions_total"))
    }
}
