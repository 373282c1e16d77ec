import QuotaLedger
import QuotaModel
import StrictJSON
import Testing

@Suite("API keys")
struct KeySecrecyTests {
    @Test("a key has the form of the specification", arguments: [false, true])
    func form(isTest: Bool) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        var texts: Set<String> = []
        for _ in 0..<10 {
            let reply = try await server.admin.post(
                "/api/admin/keys",
                ["tenant": "acme", "name": "prod", "test": .bool(isTest)])
            #expect(reply.status == 201)
            let text = reply.string("key")
            let form =
                isTest
                ? #/wk_test_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/#
                : #/wk_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/#
            #expect(text.wholeMatch(of: form) != nil)
            texts.insert(text)
            #expect(try await server.bearer(text).consume([:]).status == 200)
        }
        #expect(texts.count == 10)
    }

    @Test("a key is shown once: reading it again shows everything but the secret")
    func shownOnce() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey(limits: [.limit(5, "api_calls", per: "day")])
        let read = try await server.admin.get("/api/admin/keys/\(key.id)")
        let list = try await server.admin.get("/api/admin/keys?tenant=acme")
        #expect(read["id"] == .string(key.id))
        #expect(read["tenant"] == "acme")
        #expect(read["name"] == "prod")
        #expect(read["status"] == "active")
        #expect(read["limits", 0, "id"] == "key:api_calls/day")
        #expect(list["items", 0, "id"] == .string(key.id))
        for reply in [read, list] {
            #expect(reply["key"] == nil)
            #expect(!reply.text.contains(secret(of: key.text)))
        }
    }

    @Test("the secret is neither in the ledger nor in any log line")
    func secrecy() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let key = try await server.admin.createKey()
        let client = server.bearer(key.text)
        _ = try await client.consume(["idempotency_key": "k", "metadata": ["a": 1]])
        _ = try await client.consume(["tenant": "globex"])
        _ = try await client.get("/nowhere?key=\(key.id)")
        _ = try await client.get("/api/admin/keys")
        let secret = secret(of: key.text)

        let tenant = TenantID(trusted: "acme")
        let stored = try await server.ledger.key(APIKeyID(trusted: key.id))
        let record = try #require(stored)
        let events = try await server.ledger.events(of: tenant, after: nil, limit: 100)
        let batches = try await server.ledger.entryBatches(after: 0, limit: 100)
        let kept = ["\(record)", "\(events)", "\(batches)", server.logs.lines.joined()]
        for text in kept {
            #expect(!text.isEmpty)
            #expect(!text.contains(secret))
            #expect(!text.contains(TestServer.adminToken))
        }
        #expect(record.credential.digest.count == 32)
        #expect(!String(decoding: record.credential.digest, as: UTF8.self).contains(secret))
        let exposition = try await server.anonymous.get("/metrics").text
        #expect(!exposition.contains(secret))
    }

    private func secret(of key: String) -> String { String(key.suffix(38).prefix(32)) }
}
