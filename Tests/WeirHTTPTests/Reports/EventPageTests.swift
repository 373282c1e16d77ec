import StrictJSON
import Testing

@Suite("pages of events")
struct EventPageTests {
    private static let path = "/api/admin/tenants/acme/events"

    /// A server with events, some of them at the same instant.
    private func server(_ count: Int64) async throws -> TestServer {
        let server = try await TestServer()
        for index in 1...count {
            _ = try await server.admin.consume(index, "ai_tokens")
            if index % 3 == 0 { server.clock.advanceSeconds(1) }
        }
        return server
    }

    @Test("pages of any size show each event once, in one order", arguments: [1, 2, 3, 7, 19, 20])
    func sizes(size: Int) async throws {
        let server = try await server(20)
        let whole = try await server.admin.items(of: Self.path)
        let paged = try await server.admin.items(of: Self.path, pageSize: size)
        #expect(paged == whole)
        #expect(Set(whole.map { $0.string("id") }).count == 20)
        let instants = whole.map { $0.string("admitted_at") }
        #expect(instants == instants.sorted(by: >))
    }

    @Test(
        "events that come while a list is read neither repeat nor hide any", arguments: [1, 3, 5])
    func whileReading(size: Int) async throws {
        let server = try await server(15)
        let before = try await server.admin.items(of: Self.path).map { $0.string("id") }
        var found: [String] = []
        var query = "\(Self.path)?limit=\(size)"
        for _ in 0..<100 {
            let page = try await server.admin.get(query)
            found += page.items.map { $0.string("id") }
            // One at the same instant, one later, and one of another tenant.
            _ = try await server.admin.consume(1, "ai_tokens")
            server.clock.advanceSeconds(1)
            _ = try await server.admin.consume(1, "ai_tokens")
            _ = try await server.admin.consume(1, "ai_tokens", tenant: "globex")
            guard let cursor = page["next_cursor"]?.stringValue else { break }
            query = "\(Self.path)?limit=\(size)&cursor=\(cursor)"
        }
        #expect(Set(found).count == found.count)
        #expect(found.filter { before.contains($0) } == before)
    }

    @Test("a filtered list has pages too")
    func filtered() async throws {
        let server = try await server(20)
        for index in 1...20 {
            let body: JSONValue = ["tenant": "acme", "metadata": ["n": .integer(Int64(index))]]
            _ = try await server.admin.consume(body)
        }
        for size in [1, 4, 20] {
            let calls = try await server.admin.items(
                of: Self.path + "?meter=api_calls", pageSize: size)
            #expect(calls.count == 20)
            #expect(calls.allSatisfy { $0["meter"] == "api_calls" })
            let range = "?from=2026-11-21T10:00:01.123Z&to=2026-11-21T10:00:03.123Z"
            let part = try await server.admin.items(of: Self.path + range, pageSize: size)
            #expect(part.count == 6)
        }
    }

    @Test("a cursor goes on with its own list alone, in pages of any size")
    func foreignCursor() async throws {
        let server = try await server(5)
        for _ in 0..<5 { _ = try await server.admin.consume(1, "ai_tokens", tenant: "globex") }
        let cursor = try await server.admin.get(Self.path + "?limit=2").string("next_cursor")
        #expect(try await server.admin.get(Self.path + "?cursor=\(cursor)").status == 200)
        for list in [
            "tenants/globex/events?limit=2&", "tenants/acme/events?meter=ai_tokens&",
            "tenants/acme/periods?", "tenants/acme/usage?", "keys?", "audit?", "quota/usage?",
        ] {
            let reply = try await server.admin.get("/api/admin/\(list)cursor=\(cursor)")
            expectProblem(reply, 422, "\(list)")
            #expect(reply.string("detail").contains("\"cursor\""))
        }
    }
}
