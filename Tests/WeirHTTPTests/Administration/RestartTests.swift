import Foundation
import LedgerSQLite
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@Suite("a restart on the embedded store")
struct RestartTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "weir-http-\(UUID().uuidString)").path
    private let files = MemoryFiles()
    private let clock = ManualClock(Timestamp("2026-11-21T10:00:00.123Z")!)

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

    @Test("everything that was answered is known to the next life")
    func survives() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let keyed: JSONValue = ["tenant": "acme", "idempotency_key": "order-17"]
        let (first, reserved, key) = try await life(seed: 1) { server in
            let first = try await server.admin.consume(keyed)
            #expect(first.status == 200)
            let reserved = try await server.admin.reserve(.charging(500, "ai_tokens"))
            let key = try await server.admin.createKey(
                limits: [.limit(5, "api_calls", per: "day")])
            _ = try await server.bearer(key.text).consume(5, "api_calls", tenant: nil)
            _ = try await server.admin.putPlan(
                "gold", [.limit(7, "ai_tokens", per: "lifetime", model: "a}{b")])
            _ = try await server.admin.consume(["tenant": "caf\u{E9}"])
            _ = try await server.admin.consume(["tenant": "cafe\u{301}"])
            return (first, reserved, key)
        }
        clock.advance(by: .seconds(30))
        try await life(seed: 2) { server in
            let replay = try await server.admin.consume(keyed)
            #expect(replay.text == first.text)
            #expect(replay.header("Idempotency-Replayed") == "true")
            let id = reserved.string("reservation_id")
            #expect(try await server.admin.usage().limit("tenant:ai_tokens/month")?["held"] == 500)
            let settled = try await server.admin.settle(id, [.charge(70, "ai_tokens")])
            #expect(settled.status == 200)
            let usage = try await server.admin.usage()
            #expect(usage.used("tenant:ai_tokens/month") == 70)
            #expect(usage.used("tenant:api_calls/month") == 6)
            let refused = try await server.bearer(key.text).consume([:])
            expectRefusal(refused, by: "key:api_calls/day")
            let plan = try await server.admin.get("/api/admin/plans/gold")
            #expect(plan["limits", 0, "id"] == "model(a}{b):ai_tokens/lifetime")
            let next = try await server.admin.reserve(.charging(1, "ai_tokens"))
            #expect(next.string("reservation_id") != id)
            let list = try await server.admin.get("/api/admin/tenants")
            #expect(list["items"]?.arrayValue?.count == 3)
            let day = try await server.admin.get("/api/admin/quota/usage?limit=2")
            #expect(day["tenants", "acme"] == 6)
            #expect(day["statistics", "total_tenants"] == 3)
            #expect(day["statistics", "truncated"] == true)
        }
    }
}
