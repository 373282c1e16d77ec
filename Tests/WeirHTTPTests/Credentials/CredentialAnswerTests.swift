import QuotaLedger
import QuotaTesting
import StrictJSON
import Testing

@Suite("what bad credentials learn")
struct CredentialAnswerTests {
    private static let consume: JSONValue = ["tenant": "acme"]

    /// A text with one character of its secret changed, so that its check does not fit.
    private func mistyped(_ key: String) -> String {
        var characters = Array(key)
        let place = characters.count - 20
        characters[place] = characters[place] == "a" ? "b" : "a"
        return String(characters)
    }

    /// A server whose keys no other server knows.
    private func stranger() async throws -> TestServer {
        let template = try await TestServer()
        let server = try await TestServer(
            on: MemoryLedger(clock: template.clock.read), clock: template.clock, seed: 77)
        _ = try await server.admin.createTenant(["id": "acme"])
        return server
    }

    @Test("every bad service key gets the same answer, byte by byte")
    func sameAnswer() async throws {
        let server = try await TestServer()
        let known = try await server.admin.createServiceKey()
        let revoked = try await server.admin.createServiceKey()
        let rotated = try await server.admin.createServiceKey()
        let expired = try await server.admin.createServiceKey([
            "name": "brief", "expires_at": "2026-11-21T11:00:00Z",
        ])
        for key in [revoked, rotated, expired] {
            #expect(try await server.bearer(key.text).consume(Self.consume).status == 200)
        }
        let path = "/api/admin/service-keys"
        _ = try await server.admin.delete("\(path)/\(revoked.id)")
        _ = try await server.admin.post(
            "\(path)/\(rotated.id)/rotate", ["overlap_seconds": 0])
        try server.move(to: "2026-11-21T11:00:00Z")
        let reference = try await server.anonymous.consume(Self.consume)
        expectProblem(reference, 401)
        let bad = [
            try await stranger().admin.createServiceKey().text, mistyped(known.text),
            revoked.text, rotated.text, expired.text, "ws_live_", known.id,
            known.text.replacing("ws_live_", with: "ws_test_"), known.text + "x",
        ]
        for (index, text) in bad.enumerated() {
            let reply = try await server.bearer(text).consume(Self.consume)
            #expect(reply.status == 401, "\(index)")
            #expect(reply.text == reference.text, "\(index)")
            #expect(reply.headers == reference.headers, "\(index)")
        }
        #expect(try await server.bearer(known.text).consume(Self.consume).status == 200)
    }

    @Test("a typo never looks anything up: it is told apart without the ledger")
    func checksumFirst() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let other = try await stranger()
        let (key, service) = (
            try await other.admin.createKey(), try await other.admin.createServiceKey()
        )
        server.ledger.fail(.gone)
        for text in [key.text, service.text] {
            expectProblem(try await server.bearer(mistyped(text)).consume(Self.consume), 401)
            // Without the typo it takes a look into the ledger to know.
            expectProblem(try await server.bearer(text).consume(Self.consume), 503)
        }
        server.ledger.fail(nil)
        for text in [key.text, service.text] {
            expectProblem(try await server.bearer(text).consume(Self.consume), 401)
        }
    }

    @Test("no secret is in any list, log line or audit entry; the digest only on request")
    func secrecy() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let service = try await server.admin.createServiceKey()
        var texts = [key.text, service.text]
        for path in ["keys/\(key.id)", "service-keys/\(service.id)"] {
            let rotated = try await server.admin.post("/api/admin/\(path)/rotate", [:])
            texts.append(rotated.string("key"))
        }
        let imported = try await server.admin.importing(
            "keys", [["tenant": "acme", "name": "old"]])
        texts.append(imported["keys", 0]?.string("key") ?? "")
        #expect(Set(texts).count == 5)
        #expect(texts.allSatisfy { $0.utf8.count > 40 })
        for text in texts {
            #expect(try await server.bearer(text).consume(Self.consume).status == 200)
            _ = try await server.bearer(text).get("/api/admin/keys?key=x")
        }
        let paths = [
            "keys", "keys?credentials=true", "keys/\(key.id)", "service-keys",
            "service-keys?credentials=true", "service-keys/\(service.id)", "audit",
            "tenants/acme/events", "tenants/acme/usage?group_by=key",
        ]
        var shown = server.logs.lines.joined(separator: "\n")
        for path in paths {
            let reply = try await server.admin.get("/api/admin/\(path)")
            #expect(reply.status == 200, "\(path): \(reply.text)")
            shown += reply.text
        }
        shown += try await server.anonymous.get("/metrics").text
        for text in texts {
            #expect(!shown.contains(text.suffix(38).prefix(32)))
        }
        #expect(!shown.contains(TestServer.adminToken))
        let plain = try await server.admin.get("/api/admin/keys").text
        let detailed = try await server.admin.get("/api/admin/keys?credentials=true")
        let digest = detailed["items", 0, "credential"]?.string("digest") ?? ""
        #expect(digest.wholeMatch(of: #/[0-9a-f]{64}/#) != nil)
        #expect(!plain.contains(digest))
        #expect(
            Reply.names(detailed["items", 0, "credential"])
                == ["digest", "pepper_version", "previous", "public_id"])
    }
}
