import Foundation
import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing
import Webhooks
import WeirHTTP

@Suite("secrets of webhook endpoints")
struct WebhookSecretTests {
    private static let path = "/api/admin/webhooks/ops"
    private static let id = WebhookID(trusted: "ops")

    private func secrets(_ server: TestServer) async throws -> [String] {
        let endpoint = try await server.ledger.endpoints().first { $0.id == Self.id }
        return server.node.webhookSecrets(of: try #require(endpoint), at: server.node.now)
            .map(\.text)
    }

    @Test("the secret is shown by creation and rotation alone, and is neither stored nor logged")
    func shownOnce() async throws {
        let server = try await TestServer()
        let made = try await server.admin.createWebhook()
        let rotated = try await server.admin.post("\(Self.path)/rotate", [:])
        let shown = [made.string("secret"), rotated.string("secret")]
        for reply in [made, rotated] {
            let secret = reply.string("secret")
            #expect(secret.wholeMatch(of: #/whsec_[A-Za-z0-9+\/]{43}=/#) != nil)
            #expect(throws: Never.self) { try WebhookSecret(secret) }
            #expect(reply.header("Cache-Control") == "no-store")
        }
        let others = [
            try await server.admin.get(Self.path),
            try await server.admin.get("/api/admin/webhooks"),
            try await server.admin.patch(Self.path, ["events": nil]),
            try await server.admin.get("/api/admin/audit"),
        ]
        let stored = try await server.ledger.endpoints()
        let kept = others.map(\.text) + ["\(stored)", server.logs.lines.joined()]
        for text in kept {
            #expect(!text.isEmpty)
            for secret in shown { #expect(!text.contains(secret.dropFirst(6))) }
        }
        #expect(others.allSatisfy { $0["secret"] == nil })
    }

    @Test("a rotation changes the secret, and the old one signs besides for a day")
    func rotation() async throws {
        let server = try await TestServer()
        let old = try await server.admin.createWebhook().string("secret")
        #expect(try await secrets(server) == [old])
        let rotated = try await server.admin.post("\(Self.path)/rotate", [:])
        #expect(rotated.status == 200)
        let new = rotated.string("secret")
        #expect(new != old)
        #expect(rotated["previous_secret_expires_at"] == "2026-11-22T10:00:00.123Z")
        #expect(try await secrets(server) == [new, old])
        server.clock.advance(by: .seconds(86_399))
        #expect(try await secrets(server) == [new, old])
        server.clock.advance(by: .seconds(1))
        #expect(try await secrets(server) == [new])
        let read = try await server.admin.get(Self.path)
        #expect(read["previous_secret_expires_at"] == .null)
    }

    @Test("what both secrets sign, a receiver with either of them takes")
    func verification() async throws {
        let server = try await TestServer()
        let old = try await server.admin.createWebhook().string("secret")
        let new = try await server.admin.post("\(Self.path)/rotate", [:]).string("secret")
        let endpoint = try #require(try await server.ledger.endpoints().first)
        let body = Array(#"{"type":"quota.exhausted"}"#.utf8)
        let header = WebhookSignature.header(
            id: "msg_1_1", timestamp: 1_000, body: body,
            secrets: server.node.webhookSecrets(of: endpoint, at: server.node.now))
        for text in [old, new] {
            let secret = try WebhookSecret(text)
            #expect(throws: Never.self) {
                try WebhookSignature.verify(
                    header: header, id: "msg_1_1", timestamp: "1000", body: body,
                    secrets: [secret], now: 1_000)
            }
        }
    }

    @Test("an overlap is as long as it is asked for, and one of none ends the old secret at once")
    func overlap() async throws {
        let server = try await TestServer()
        let first = try await server.admin.createWebhook().string("secret")
        let second = try await server.admin.post("\(Self.path)/rotate", ["overlap_seconds": 60])
        #expect(second["previous_secret_expires_at"] == "2026-11-21T10:01:00.123Z")
        // The one before the one before ends with the next rotation.
        let third = try await server.admin.post("\(Self.path)/rotate", ["overlap_seconds": 60])
        #expect(try await secrets(server) == [third.string("secret"), second.string("secret")])
        #expect(try await !secrets(server).contains(first))
        let last = try await server.admin.post("\(Self.path)/rotate", ["overlap_seconds": 0])
        #expect(last["previous_secret_expires_at"] == .null)
        #expect(try await secrets(server) == [last.string("secret")])
        let wrong = try await server.admin.post("\(Self.path)/rotate", ["overlap_seconds": -1])
        expectProblem(wrong, 422, pointer: "/overlap_seconds")
        expectProblem(try await server.admin.post("/api/admin/webhooks/gone/rotate", [:]), 404)
    }

    @Test("an endpoint that is made again under the same id never gets a secret it had")
    func recreation() async throws {
        let server = try await TestServer()
        var secrets: Set<String> = []
        for _ in 0..<5 {
            secrets.insert(try await server.admin.createWebhook().string("secret"))
            for _ in 0..<3 {
                let rotated = try await server.admin.post("\(Self.path)/rotate", [:])
                secrets.insert(rotated.string("secret"))
            }
            _ = try await server.admin.delete(Self.path)
            server.clock.advance(by: .milliseconds(1))
        }
        #expect(secrets.count == 20)
    }

    @Test("endpoints have secrets of their own")
    func own() async throws {
        let server = try await TestServer()
        let first = try await server.admin.createWebhook(["id": "a"])
        let second = try await server.admin.createWebhook(["id": "b"])
        #expect(first.string("secret") != second.string("secret"))
    }

    @Test("a pepper that is gone signs nothing, and a rotation takes the newest")
    func lostPepper() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        let created = try #require(try await server.ledger.endpoints().first)
        var endpoint = created
        endpoint.pepperVersion = 9
        _ = try await server.ledger.commit([.updateEndpoint(endpoint, replacing: created)])
        #expect(try await secrets(server) == [])
        let rotated = try await server.admin.post("\(Self.path)/rotate", [:])
        #expect(rotated["previous_secret_expires_at"] == .null)
        #expect(try await secrets(server) == [rotated.string("secret")])
    }

    @Test("no description and no dump shows a pepper")
    func pepper() {
        var dumped = ""
        dump(TestServer.pepper, to: &dumped)
        for text in ["\(TestServer.pepper)", String(reflecting: TestServer.pepper), dumped] {
            #expect(!text.contains("7, 7"))
            #expect(!text.lowercased().contains("symmetrickey"))
        }
    }
}
