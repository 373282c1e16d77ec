import Foundation
import LedgerSQLite
import QuotaLedger
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing

@Suite("GET /api/admin/backup")
struct BackupTests {
    private static let path = "/api/admin/backup"

    private func withServer(_ body: (TestServer, String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "weir-http-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let clock = ManualClock(Timestamp("2026-11-21T10:00:00.123Z")!)
        let ledger = try LedgerSQLite(
            folder: DataFolder(path: path + "/data"), clock: clock.read, steadyClock: clock.read)
        try await body(try await TestServer(on: ledger, clock: clock), path)
        try await ledger.close()
    }

    @Test("answers the whole ledger, which restores to what was answered before")
    func roundTrip() async throws {
        try await withServer { server, path in
            for amount in 1...20 as ClosedRange<Int64> {
                #expect(try await server.admin.consume(amount, "ai_tokens").status == 200)
            }
            let reply = try await server.admin.get(Self.path)
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "application/vnd.sqlite3")
            #expect(reply.header("Content-Length") == String(reply.bytes.count))
            let file = path + "/backup"
            try Data(reply.bytes).write(to: URL(filePath: file))
            let restored = try LedgerRestorer.restore(
                file, to: path + "/restored", replacing: false, now: server.clock.now)
            let head = try #require(restored.verification.head)
            #expect(reply.header("X-Weir-Head") == "\(head.batch) \(head.hash.hexadecimal)")
            let ledger = try LedgerSQLite(
                folder: DataFolder(path: path + "/restored"), clock: server.clock.read)
            let second = try await TestServer(on: ledger, clock: server.clock)
            let usage = try await second.admin.get("/api/v1/usage?tenant=acme")
            #expect(usage.used("tenant:ai_tokens/month") == 210)
            try await ledger.close()
        }
    }

    @Test("is 409 while another is being read, and free once that is done")
    func second() async throws {
        try await withServer { server, _ in
            var first: LedgerBackup? = try await server.backups.backup()
            #expect(first != nil)
            expectProblem(try await server.admin.get(Self.path), 409)
            first = nil
            for _ in 0..<2 { #expect(try await server.admin.get(Self.path).status == 200) }
        }
    }

    @Test("to HEAD shows the type and makes no copy")
    func head() async throws {
        let server = try await TestServer()
        server.backups.fail(LedgerError(.diskFull, "no room"))
        let reply = try await server.admin.send("HEAD", Self.path)
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "application/vnd.sqlite3")
    }

    @Test("is 507 on a full disk, with what is wrong")
    func fullDisk() async throws {
        let server = try await TestServer()
        server.backups.fail(LedgerError(.diskFull, "the disk has no room"))
        let reply = try await server.admin.get(Self.path)
        expectProblem(reply, 507)
        #expect(reply.string("detail") == "the disk has no room")
        #expect(try await server.admin.consume(["tenant": "acme"]).status == 200)
    }
}
