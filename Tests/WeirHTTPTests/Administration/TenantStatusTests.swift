import StrictJSON
import Testing

@Suite("suspended and closed tenants")
struct TenantStatusTests {
    private static let calls = "tenant:api_calls/month"
    private static let path = "/api/admin/tenants/acme"

    /// Every way in which a client could take something.
    private func attempts(_ client: Client) async throws -> [Reply] {
        [
            try await client.consume(1, "api_calls"),
            try await client.reserve(.charging(1, "api_calls")),
            try await client.allocate(1),
        ]
    }

    @Test("suspending and waking hold for the next request, with any credential")
    func suspend() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(1, "api_calls")
        let clients = [
            server.admin, server.bearer(try await server.admin.createKey().text),
            server.bearer(try await server.admin.createServiceKey().text),
        ]
        for _ in 0..<2 {
            let suspended = try await server.admin.patchTenant("acme", ["status": "suspended"])
            #expect(suspended["status"] == "suspended")
            for client in clients {
                for reply in try await attempts(client) {
                    expectProblem(reply, 403)
                    #expect(reply["denied_by", "reason"] == "suspended")
                }
                let checked = try await client.check(["tenant": "acme"])
                #expect(checked["allowed"] == false)
                let batch = try await client.batch("consume", [["tenant": "acme"]])
                #expect(batch.statuses == [403])
            }
            _ = try await server.admin.patchTenant("acme", ["status": "active"])
            for client in clients {
                #expect(try await client.consume(1, "api_calls").status == 200)
            }
        }
        #expect(try await server.admin.usage().used(Self.calls) == 7)
    }

    @Test("what was held before a suspension settles all the same", arguments: [true, false])
    func settles(isClosed: Bool) async throws {
        let server = try await TestServer()
        let first = try await server.admin.reserve(.charging(5, "api_calls"))
        let second = try await server.admin.reserve(.charging(9, "api_calls"))
        if isClosed {
            #expect(try await server.admin.delete(Self.path).status == 204)
        } else {
            _ = try await server.admin.patchTenant("acme", ["status": "suspended"])
        }
        let settled = try await server.admin.settle(
            first.string("reservation_id"), [.charge(3, "api_calls")])
        #expect(settled.status == 200)
        #expect(try await server.admin.void(second.string("reservation_id")).status == 200)
        #expect(try await server.admin.usage().used(Self.calls) == 3)
    }

    @Test("DELETE closes: nothing is decided any more, and the books stay")
    func close() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(5, "ai_tokens")
        let key = try await server.admin.createKey()
        let closed = try await server.admin.delete(Self.path)
        #expect(closed.status == 204)
        #expect(closed.bytes.isEmpty)
        for reply in try await attempts(server.admin) {
            #expect([403, 404].contains(reply.status))
            expectProblem(reply, reply.status)
        }
        #expect([401, 403].contains(try await server.bearer(key.text).consume([:]).status))
        let read = try await server.admin.get(Self.path)
        #expect(read.status == 200)
        #expect(read["status"] == "closed")
        #expect(try await server.admin.usage().used("tenant:ai_tokens/month") == 5)
        #expect(try await server.admin.events().count == 1)
        #expect(try await server.admin.periods(("ai_tokens", "month")).count == 1)
        let report = try await server.admin.get("\(Self.path)/usage")
        #expect(report.items.contains { $0["units"] == 5 })
        let list = try await server.admin.get("/api/admin/tenants")
        #expect(list.items.map { $0.string("status") } == ["closed"])
        expectProblem(try await server.admin.createTenant(["id": "acme"]), 409)
    }

    @Test("PATCH to closed is the same as DELETE, and a closed tenant can be opened again")
    func reopen() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(5, "api_calls")
        let closed = try await server.admin.patchTenant("acme", ["status": "closed"])
        #expect(closed["status"] == "closed")
        let refused = try await server.admin.consume(1, "api_calls")
        #expect([403, 404].contains(refused.status))
        let opened = try await server.admin.patchTenant("acme", ["status": "active"])
        #expect(opened.status == 200)
        #expect(try await server.admin.consume(1, "api_calls").used(Self.calls) == 6)
    }

    @Test("tenants are listed by organization, page by page")
    func byOrganization() async throws {
        let server = try await TestServer()
        for index in 0..<7 {
            var body: JSONValue = ["id": .string("t\(index)")]
            if index % 2 == 0 { body = body.with("organization", "a}{b/é") }
            _ = try await server.admin.createTenant(body)
        }
        let query = "/api/admin/tenants?organization=\("a}{b/é".percentEncoded)"
        for size in [1, 3, 4, 1000] {
            let found = try await server.admin.items(of: query, pageSize: size)
            #expect(found.map { $0.string("id") } == ["t0", "t2", "t4", "t6"])
        }
        #expect(try await server.admin.get("/api/admin/tenants?organization=none").items.isEmpty)
        #expect(try await server.admin.items(of: "/api/admin/tenants", pageSize: 2).count == 7)
    }
}
