import QuotaTesting
import StrictJSON
import Testing

@Suite("rotation of secrets")
struct KeyRotationTests {
    /// Which keys are rotated.
    enum Kind: String, CaseIterable {
        case keys
        case serviceKeys = "service-keys"
    }

    /// A server, and the path and text of a key on it.
    private func server(_ kind: Kind) async throws -> (TestServer, path: String, text: String) {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key =
            kind == .keys
            ? try await server.admin.createKey() : try await server.admin.createServiceKey()
        return (server, "/api/admin/\(kind.rawValue)/\(key.id)", key.text)
    }

    private func rotate(_ path: String, _ seconds: Int64?, on server: TestServer)
        async throws -> Reply
    {
        var body: JSONValue = [:]
        if let seconds { body = body.with("overlap_seconds", .integer(seconds)) }
        return try await server.admin.post(path + "/rotate", body)
    }

    private func status(_ text: String, on server: TestServer) async throws -> Int {
        try await server.bearer(text).consume(["tenant": "acme"]).status
    }

    @Test(
        "both secrets work for the overlap, and the old one ends at its instant",
        arguments: Kind.allCases)
    func overlap(kind: Kind) async throws {
        let (server, path, old) = try await server(kind)
        #expect(try await status(old, on: server) == 200)
        let rotated = try await rotate(path, 3600, on: server)
        #expect(rotated.status == 200)
        #expect(rotated["previous_secret_expires_at"] == "2026-11-21T11:00:00.123Z")
        let new = rotated.string("key")
        #expect(new != old)
        #expect(new.prefix(8) == old.prefix(8))
        let read = try await server.admin.get(path)
        #expect(read["key"] == nil)
        #expect(read["previous_secret_expires_at"] == "2026-11-21T11:00:00.123Z")
        #expect(Reply.names(rotated.json) == (Reply.names(read.json) + ["key"]).sorted())
        try server.moveBefore("2026-11-21T11:00:00.123Z")
        #expect(try await status(old, on: server) == 200)
        #expect(try await status(new, on: server) == 200)
        try server.move(to: "2026-11-21T11:00:00.123Z")
        #expect(try await status(old, on: server) == 401)
        #expect(try await status(new, on: server) == 200)
        #expect(
            try await server.bearer(old).consume([:]).text
                == (try await server.anonymous.consume([:])).text)
    }

    @Test("without a word the overlap is a day", arguments: Kind.allCases)
    func defaultOverlap(kind: Kind) async throws {
        let (server, path, old) = try await server(kind)
        let rotated = try await rotate(path, nil, on: server)
        #expect(rotated["previous_secret_expires_at"] == "2026-11-22T10:00:00.123Z")
        try server.moveBefore("2026-11-22T10:00:00.123Z")
        #expect(try await status(old, on: server) == 200)
        try server.move(to: "2026-11-22T10:00:00.123Z")
        #expect(try await status(old, on: server) == 401)
    }

    @Test("an overlap of 0 ends the old secret at once", arguments: Kind.allCases)
    func noOverlap(kind: Kind) async throws {
        let (server, path, old) = try await server(kind)
        #expect(try await status(old, on: server) == 200)
        let new = try await rotate(path, 0, on: server).string("key")
        #expect(try await status(old, on: server) == 401)
        #expect(try await status(new, on: server) == 200)
    }

    @Test("at most two secrets live: one more rotation ends the oldest", arguments: Kind.allCases)
    func twice(kind: Kind) async throws {
        let (server, path, first) = try await server(kind)
        let second = try await rotate(path, 86_400, on: server).string("key")
        server.clock.advance(by: .seconds(60))
        let third = try await rotate(path, 86_400, on: server).string("key")
        #expect(Set([first, second, third]).count == 3)
        #expect(try await status(third, on: server) == 200)
        #expect(try await status(second, on: server) == 200)
        #expect(try await status(first, on: server) == 401)
        let fourth = try await rotate(path, 0, on: server).string("key")
        #expect(try await status(third, on: server) == 401)
        #expect(try await status(second, on: server) == 401)
        #expect(try await status(fourth, on: server) == 200)
    }

    @Test("a key stays itself: id, limits and use are the same under both secrets")
    func sameKey() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey(limits: [.limit(3, "api_calls", per: "day")])
        let new = try await rotate("/api/admin/keys/\(key.id)", 60, on: server)
        #expect(new["id"] == .string(key.id))
        let client = server.bearer(new.string("key"))
        #expect(try await server.bearer(key.text).consume(2, "api_calls").status == 200)
        let reply = try await client.consume(1, "api_calls")
        #expect(reply["key"] == .string(key.id))
        #expect(reply.used("key:api_calls/day") == 3)
        expectRefusal(try await client.consume(1, "api_calls"), by: "key:api_calls/day")
    }

    @Test("revoking ends both secrets", arguments: Kind.allCases)
    func revoke(kind: Kind) async throws {
        let (server, path, old) = try await server(kind)
        let new = try await rotate(path, 3600, on: server).string("key")
        #expect(try await status(old, on: server) == 200)
        #expect(try await status(new, on: server) == 200)
        #expect(try await server.admin.delete(path).status == 204)
        #expect(try await status(old, on: server) == 401)
        #expect(try await status(new, on: server) == 401)
    }

    @Test("the overlap is 0 to 30 days", arguments: [-1, 2_592_001, .max] as [Int64])
    func wrongOverlap(seconds: Int64) async throws {
        let (server, path, old) = try await server(.keys)
        expectProblem(
            try await rotate(path, seconds, on: server), 422, pointer: "/overlap_seconds")
        #expect(try await status(old, on: server) == 200)
        #expect(try await rotate(path, 2_592_000, on: server).status == 200)
    }
}
