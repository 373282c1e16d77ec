import Foundation
import LedgerSQLite
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@Suite("what administration changed, after a restart on the embedded store")
struct RestartOfBooksTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "weir-http-\(UUID().uuidString)").path
    private let files = MemoryFiles()
    private let clock = ManualClock(Timestamp("2026-11-21T10:00:00Z")!)

    /// Runs a server's life and closes its ledger as a stop does.
    private func life<Result>(
        seed: UInt64,
        _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: path), clock: clock.read, steadyClock: clock.read)
        let server = try await TestServer(
            on: ledger, clock: clock, files: files, seed: seed)
        do {
            let result = try await body(server)
            try await ledger.close()
            return result
        } catch {
            try await ledger.close()
            throw error
        }
    }

    private static let lists = [
        "tenants", "tenants/acme/overrides", "overrides", "organizations", "keys",
        "service-keys", "meters", "plans", "reservations", "suspect", "audit",
        "tenants/acme/periods", "tenants/acme/usage", "tenants/acme/events",
        "keys?credentials=true", "organizations/corp",
    ]

    /// What every list shows.
    private func lists(of server: TestServer) async throws -> [String] {
        var texts: [String] = []
        for list in Self.lists {
            let reply = try await server.admin.get("/api/admin/\(list)")
            #expect(reply.status == 200, "\(list)")
            texts.append("\(list) \(reply.text)")
        }
        return texts
    }

    @Test("every list shows the same, and every limit and secret holds")
    func survives() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let allocation = JSONValue.allocating("delta", 1).with("idempotency_key", "seat")
        let (before, texts, first) = try await life(seed: 1) { server in
            let admin = server.admin
            _ = try await admin.put(
                "/api/admin/organizations/corp",
                ["limits": [.limit(1000, "ai_tokens", per: "month")]])
            _ = try await admin.createTenant(["id": "acme", "organization": "corp"])
            _ = try await admin.createTenant(["id": "globex", "organization": "corp"])
            _ = try await admin.override(["limit": 5, "expires_at": "2026-11-21T12:00:00Z"])
            _ = try await admin.override(["limit": 7], on: "projects/none")
            let first = try await admin.allocation(allocation)
            let service = try await admin.createServiceKey()
            let key = try await admin.createKey()
            let rotated = try await admin.post("/api/admin/keys/\(key.id)/rotate", [:])
            _ = try await admin.consume(600, "ai_tokens")
            _ = try await admin.adjust(-100, "ai_tokens", idempotencyKey: "credit")
            _ = try await admin.consume(300, "ai_tokens", tenant: "globex")
            clock.advance(by: .seconds(60))
            _ = try await admin.reset("ai_tokens", "month")
            _ = try await server.suspectReservation([(50, "ai_tokens")])
            _ = try await admin.importing(
                "usage", [["tenant": "acme", "date": "2026-11-20", "units": 3]])
            let texts = [service.text, key.text, rotated.string("key")]
            for text in texts {
                _ = try await server.bearer(text).consume(["tenant": "globex"])
            }
            try await server.settleDown()
            return (try await lists(of: server), texts, first)
        }
        clock.advance(by: .seconds(30))
        try await life(seed: 2) { server in
            let after = try await lists(of: server)
            for (old, new) in zip(before, after) { #expect(new == old) }
            for text in texts {
                #expect(try await server.bearer(text).check(["tenant": "acme"]).status == 200)
            }
            let admin = server.admin
            let replay = try await admin.allocation(allocation)
            #expect(replay.text == first.text)
            #expect(replay.header("Idempotency-Replayed") == "true")
            let credit = try await admin.adjust(-100, "ai_tokens", idempotencyKey: "credit")
            #expect(credit.status == 201)
            let usage = try await admin.usage()
            #expect(usage.allocated("tenant:team_members/none") == 1)
            #expect(usage.used("tenant:ai_tokens/month") == 50)
            #expect(usage.used("tenant:api_calls/month") == 3)
            let again = try await admin.importing(
                "usage", [["tenant": "acme", "date": "2026-11-20", "units": 3]])
            #expect(again["skipped"] == 1)
            expectRefusal(try await admin.consume(3, "api_calls"), by: "tenant:api_calls/month")
            #expect(try await admin.consume(2, "api_calls").status == 200)
            let shared = try await admin.get("/api/admin/organizations/corp/usage")
                .used("org:ai_tokens/month")
            #expect(
                try await admin.consume(1000 - shared, "ai_tokens", tenant: "globex").status
                    == 200)
            expectRefusal(
                try await admin.consume(1, "ai_tokens", tenant: "globex"),
                by: "org:ai_tokens/month")
            clock.set(try #require(Timestamp("2026-11-21T12:00:00Z")))
            #expect(try await admin.consume(900, "api_calls").status == 200)
        }
    }
}
