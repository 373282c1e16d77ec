import StrictJSON
import Testing

@Suite("import of keys")
struct ImportKeyTests {
    private func server() async throws -> TestServer {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        return server
    }

    @Test("without a credential a new secret is made, shown once, and works")
    func newSecrets() async throws {
        let server = try await server()
        let reply = try await server.admin.importing(
            "keys",
            [
                [
                    "tenant": "acme", "name": "prod", "test": true,
                    "limits": [.limit(1, "api_calls", per: "day")],
                ],
                ["id": "k_old-17", "tenant": "acme", "name": "old"],
                ["tenant": "nobody", "name": "x"], ["name": "no tenant"],
                ["tenant": "acme", "name": ""],
                ["tenant": "acme", "name": "gone", "status": "revoked"],
                ["tenant": "acme", "name": "asleep", "status": "suspended"],
            ])
        #expect(reply.status == 200)
        #expect(reply["created"] == 4)
        #expect(reply["failed"]?.arrayValue?.map { $0.integer("index") } == [2, 3, 4])
        let keys = reply["keys"]?.arrayValue ?? []
        #expect(keys.count == 4)
        #expect(keys.allSatisfy { Reply.names($0) == ["id", "key"] })
        let first = server.bearer(keys[0].string("key"))
        #expect(keys[0].string("key").hasPrefix("wk_test_"))
        #expect(try await first.consume([:])["key"] == keys[0]["id"])
        expectRefusal(try await first.consume([:]), by: "key:api_calls/day")
        #expect(keys[1]["id"] == "k_old-17")
        let second = try await server.bearer(keys[1].string("key")).consume([:])
        #expect(second["key"] == "k_old-17")
        expectProblem(try await server.bearer(keys[2].string("key")).consume([:]), 401)
        expectProblem(try await server.bearer(keys[3].string("key")).consume([:]), 403)
        #expect(try await server.admin.get("/api/admin/keys/k_old-17")["name"] == "old")
    }

    @Test("an imported credential makes the old secret work on another server")
    func credentials() async throws {
        let origin = try await server()
        let key = try await origin.admin.createKey(limits: [.limit(2, "api_calls", per: "day")])
        let brief = try await origin.admin
            .post(
                "/api/admin/keys",
                ["tenant": "acme", "name": "brief", "expires_at": "2026-11-21T11:00:00Z"]
            )
            .string("key")
        let items = try await origin.admin.items(of: "/api/admin/keys?credentials=true")
            .map { $0.without("last_used_at").without("previous_secret_expires_at") }
        let server = try await server()
        let reply = try await server.admin.importing("keys", items)
        #expect(reply["created"] == 2, "\(reply.text)")
        #expect(reply["keys"] == [])
        let client = server.bearer(key.text)
        let passed = try await client.consume(2, "api_calls", tenant: nil)
        #expect(passed["key"] == .string(key.id))
        expectRefusal(try await client.consume([:]), by: "key:api_calls/day")
        #expect(try await server.bearer(brief).consume([:]).status == 200)
        try server.move(to: "2026-11-21T11:00:00Z")
        expectProblem(try await server.bearer(brief).consume([:]), 401)
        _ = try await server.admin.delete("/api/admin/keys/\(key.id)")
        expectProblem(try await client.consume([:]), 401)
    }

    @Test("the secret before a rotation works on another server until its time is over")
    func previousSecret() async throws {
        let origin = try await server()
        let key = try await origin.admin.createKey()
        let path = "/api/admin/keys/\(key.id)/rotate"
        let rotated = try await origin.admin.post(path, ["overlap_seconds": 3600]).string("key")
        let items = try await origin.admin.items(of: "/api/admin/keys?credentials=true")
        #expect(
            items.first?["credential"]?["previous"]?["expires_at"] == "2026-11-21T11:00:00.123Z")
        let server = try await server()
        let reply = try await server.admin.importing("keys", items)
        #expect(reply["created"] == 1, "\(reply.text)")
        for text in [key.text, rotated] {
            #expect(try await server.bearer(text).consume([:]).status == 200)
        }
        let shown = try await server.admin.get("/api/admin/keys/\(key.id)")
        #expect(shown["previous_secret_expires_at"] == "2026-11-21T11:00:00.123Z")
        try server.move(to: "2026-11-21T11:00:00.123Z")
        expectProblem(try await server.bearer(key.text).consume([:]), 401)
        #expect(try await server.bearer(rotated).consume([:]).status == 200)
        let over = try await server.admin.items(of: "/api/admin/keys?credentials=true")
        #expect(over.first?["credential"]?["previous"] == .null)
    }

    @Test("importing again is skipped, or updated when asked to, and makes no new secret")
    func again() async throws {
        let server = try await server()
        let item: JSONValue = ["id": "k_1", "tenant": "acme", "name": "prod"]
        let first = try await server.admin.importing("keys", [item])
        let text = first["keys", 0]?.string("key") ?? ""
        let skipped = try await server.admin.importing("keys", [item.with("name", "other")])
        #expect(skipped["skipped"] == 1)
        #expect(skipped["created"] == 0)
        #expect(skipped["keys"] == [])
        #expect(try await server.admin.get("/api/admin/keys/k_1")["name"] == "prod")
        #expect(try await server.bearer(text).consume([:]).status == 200)
        let change = item.with("name", "other")
            .with("limits", [.limit(1, "api_calls", per: "day")])
        let updated = try await server.admin.importing("keys", [change], onConflict: "update")
        #expect(updated["updated"] == 1)
        #expect(updated["keys"] == [])
        let read = try await server.admin.get("/api/admin/keys/k_1")
        #expect(read["name"] == "other")
        expectRefusal(
            try await server.bearer(text).consume(2, "api_calls", tenant: nil),
            by: "key:api_calls/day")
        #expect(try await server.admin.items(of: "/api/admin/keys").count == 1)
    }

    @Test("a key can't be moved to another tenant by an import")
    func otherTenant() async throws {
        let server = try await server()
        _ = try await server.admin.createTenant(["id": "globex"])
        let item: JSONValue = ["id": "k_1", "tenant": "acme", "name": "prod"]
        let text = try await server.admin.importing("keys", [item])["keys", 0]?.string("key") ?? ""
        let moved = try await server.admin.importing(
            "keys", [item.with("tenant", "globex")], onConflict: "update")
        #expect(moved["failed"]?.arrayValue?.count == 1, "\(moved.text)")
        #expect(try await server.bearer(text).consume([:])["tenant"] == "acme")
        #expect(try await server.admin.get("/api/admin/keys/k_1")["tenant"] == "acme")
    }

    @Test(
        "a credential that is none fails its row",
        arguments: [
            [:], ["public_id": "x", "digest": "00", "pepper_version": 1], "wk_live_x",
            [
                "public_id": "abcdefghijkl", "digest": "zz", "pepper_version": 1,
            ],
            ["public_id": "abcdefghijkl", "pepper_version": 1],
        ] as [JSONValue])
    func wrongCredential(credential: JSONValue) async throws {
        let server = try await server()
        let reply = try await server.admin.importing(
            "keys",
            [
                ["tenant": "acme", "name": "bad", "credential": credential],
                ["tenant": "acme", "name": "good"],
            ])
        #expect(reply["created"] == 1)
        #expect(reply["failed"]?.arrayValue?.map { $0.integer("index") } == [0])
        #expect(try await server.admin.items(of: "/api/admin/keys").count == 1)
    }

    @Test("two keys can't share one credential")
    func sharedCredential() async throws {
        let server = try await server()
        let key = try await server.admin.createKey()
        let shown = try await server.admin.items(of: "/api/admin/keys?credentials=true")
        let credential = try #require(shown.first?["credential"])
        let reply = try await server.admin.importing(
            "keys",
            [["id": "k_thief", "tenant": "acme", "name": "x", "credential": credential]])
        #expect(reply["created"] == 0, "\(reply.text)")
        #expect(try await server.bearer(key.text).consume([:])["key"] == .string(key.id))
    }
}
