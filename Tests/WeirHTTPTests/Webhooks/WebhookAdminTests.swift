import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON
import Synchronization
import Testing

@Suite("webhook endpoints")
struct WebhookAdminTests {
    private static let path = "/api/admin/webhooks"

    @Test("an endpoint is created, listed, changed and deleted")
    func life() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        let made = try await server.admin.createWebhook([
            "id": "ops", "tenant": "acme", "events": ["quota.reset", "quota.exhausted"],
        ])
        #expect(made.status == 201, "\(made.text)")
        #expect(made["events"] == ["quota.exhausted", "quota.reset"])
        let read = try await server.admin.get("\(Self.path)/ops")
        var members = try #require(made.json.objectValue)
        members["secret"] = nil
        #expect(read.json == .object(members))
        #expect(read["tenant"] == "acme")
        #expect(read["status"] == "active")
        #expect(read["failure"] == .null)
        #expect(read["previous_secret_expires_at"] == .null)
        #expect(read["created_at"] == "2026-11-21T10:00:00.123Z")
        let changed = try await server.admin.patch(
            "\(Self.path)/ops",
            ["url": "https://hooks.example.com/2", "events": nil, "tenant": nil])
        #expect(changed["url"] == "https://hooks.example.com/2")
        #expect(changed["events"] == .null)
        #expect(changed["tenant"] == .null)
        #expect(changed["status"] == "active")
        _ = try await server.admin.createWebhook(["id": "b"])
        let pages = try await server.admin.items(of: Self.path, pageSize: 1)
        #expect(pages.map { $0["id"]?.stringValue } == ["b", "ops"])
        #expect(try await server.admin.delete("\(Self.path)/ops").status == 204)
        expectProblem(try await server.admin.get("\(Self.path)/ops"), 404)
    }

    @Test("ids are made up where none is given, and taken only once")
    func ids() async throws {
        let server = try await TestServer()
        let first = try await server.admin.createWebhook([:])
        let second = try await server.admin.createWebhook([:])
        #expect(first.string("id").wholeMatch(of: #/wh_[0-9A-Za-z]{16}/#) != nil)
        #expect(first.string("id") != second.string("id"))
        #expect(try await server.admin.createWebhook().status == 201)
        expectProblem(try await server.admin.createWebhook(), 409)
    }

    @Test("a URL that may not be called is refused when it is configured, with the reason")
    func urls() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        for (url, reason) in [
            ("https://inside.example.com/hook", "10.1.2.3"),
            ("https://metadata.example.com/", "169.254.169.254"),
            ("https://127.0.0.1/", "127.0.0.1"), ("https://[::1]/", "::1"),
            ("http://hooks.example.com/", "https://"), ("ftp://hooks.example.com/", "https://"),
            ("https://user:word@hooks.example.com/", "user"),
            ("https://hooks.example.com/#a", "fragment"),
            ("https://nowhere.example.com/", "can't be found"), ("", "https://"),
            ("https://hooks.example.com/" + String(repeating: "a", count: 2_048), "2048"),
        ] {
            let made = try await server.admin.createWebhook(["id": "x", "url": .string(url)])
            let changed = try await server.admin.patch(
                "\(Self.path)/ops", ["url": .string(url)])
            for reply in [made, changed] {
                expectProblem(reply, 422, pointer: "/url", "\(url)")
                #expect(reply.string("detail").contains(reason), "\(reply.text)")
            }
        }
        #expect(try await server.admin.items(of: Self.path).count == 1)
        #expect(try await server.admin.get("\(Self.path)/ops").text.contains(".com/weir"))
        #expect(try await server.admin.audit("action=webhook.update").isEmpty)
    }

    @Test(
        "what can't be meant is refused at its place",
        arguments: [
            (["events": ["quota.exhausted", "quota.gone"]], "/events/1", "trial.ending"),
            (["events": []], "/events", "null"), (["events": [1]], "/events/0", "quota.reset"),
            (["events": "quota.reset"], "/events", "array"),
            (["tenant": "nobody"], "/tenant", "does not exist"),
            (["tenant": ""], "/tenant", "empty"), (["url": 1], "/url", "string"),
            (["secret": "whsec_x"], "/secret", "known are"),
        ] as [(JSONValue, String, String)])
    func values(body: JSONValue, pointer: String, reason: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        let made = try await server.admin.createWebhook(body)
        let changed = try await server.admin.patch("\(Self.path)/ops", body)
        for reply in [made, changed] {
            expectProblem(reply, 422, pointer: pointer, "\(body)")
            #expect(reply.string("detail").contains(reason), "\(reply.text)")
        }
        let status = try await server.admin.patch("\(Self.path)/ops", ["status": "paused"])
        expectProblem(status, 422, pointer: "/status")
        expectProblem(
            try await server.admin.post(Self.path, ["id": "x"]), 422, pointer: "/url")
    }

    @Test("there are at most so many, and a deleted one makes room")
    func bound() async throws {
        let server = try await TestServer()
        for number in 0..<WebhookEndpoint.maximumCount {
            let reply = try await server.admin.createWebhook(["id": .string("e\(number)")])
            #expect(reply.status == 201)
        }
        let refused = try await server.admin.createWebhook()
        expectProblem(refused, 409)
        #expect(refused.string("detail").contains("100"))
        #expect(try await server.admin.items(of: Self.path).count == 100)
        _ = try await server.admin.delete("\(Self.path)/e7")
        #expect(try await server.admin.createWebhook().status == 201)
    }

    @Test("a change that races with another is made on top of it, and none brings one back")
    func races() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        let id = WebhookID(trusted: "ops")
        let known = try await server.node.webhook(id)
        // Between the read and the write of a change, another one is written.
        let ledger = server.ledger
        let rotations = Counter()
        ledger.beforeCommit { _ throws(LedgerError) in
            guard rotations.next() == 1 else { return }
            var other = known
            other.secretVersion += 1
            _ = try await ledger.commit([.updateEndpoint(other, replacing: known)])
        }
        let disabled = try await server.admin.patch("\(Self.path)/ops", ["status": "disabled"])
        #expect(disabled["status"] == "disabled")
        let stored = try await ledger.endpoints()
        #expect(stored.first?.secretVersion == known.secretVersion + 1)
        let deletions = Counter()
        ledger.beforeCommit { _ throws(LedgerError) in
            guard deletions.next() == 1 else { return }
            _ = try await ledger.commit([.deleteEndpoint(id)])
        }
        let gone = try await server.admin.patch("\(Self.path)/ops", ["status": "active"])
        expectProblem(gone, 404)
        ledger.beforeCommit(nil)
        #expect(try await ledger.endpoints().isEmpty)
    }

    @Test("activating an endpoint that was disabled by itself forgets why")
    func activation() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        let created = try await server.node.webhook(WebhookID(trusted: "ops"))
        var endpoint = created
        (endpoint.status, endpoint.failure) = (.disabled, "the receiver answered 410")
        _ = try await server.ledger.commit([.updateEndpoint(endpoint, replacing: created)])
        let renamed = try await server.admin.patch(
            "\(Self.path)/ops", ["url": "https://hooks.example.com/2"])
        #expect(renamed["failure"] == "the receiver answered 410")
        let active = try await server.admin.patch("\(Self.path)/ops", ["status": "active"])
        #expect(active["status"] == "active")
        #expect(active["failure"] == .null)
    }
}

/// Counts calls, from 1.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
