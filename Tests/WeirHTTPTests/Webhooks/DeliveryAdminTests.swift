import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import StrictJSON
import Testing

@Suite("deliveries of webhooks")
struct DeliveryAdminTests {
    private static let id = WebhookID(trusted: "ops")

    /// Has tenants of the plan free use all they have, so that each is told of twice.
    private func exhaust(_ server: TestServer, _ tenants: String...) async throws {
        for tenant in tenants {
            let reply = try await server.admin.consume(1_000, "api_calls", tenant: tenant)
            #expect(reply.status == 200, "\(reply.text)")
        }
        try await server.node.fold()
    }

    /// Records what became of the deliveries that are due.
    private func record(_ server: TestServer, _ state: WebhookDelivery.State) async throws {
        // A report is taken for the attempt that follows the last one.
        for attempt in 1...8 {
            let due = try await server.ledger.dueDeliveries(
                at: server.clock.now, perEndpoint: 10_000)
            let reports = due.map { found in
                var delivery = found.delivery
                delivery.attempts += 1
                let isLast = attempt == 8
                delivery.state = isLast ? state : .pending
                delivery.nextAttemptAt = isLast ? nil : server.clock.now
                (delivery.lastStatus, delivery.lastFailure) = (500, "the receiver answered 500")
                return DeliveryReport(delivery: delivery)
            }
            _ = try await server.ledger.commit([.recordDeliveries(reports)])
        }
    }

    private func ids(_ items: [JSONValue]) -> [String] {
        items.map { $0["id"]?.stringValue ?? "" }
    }

    @Test(
        "deliveries are listed with what became of them",
        arguments: [TestServer.Store.memory, .sqlite])
    func list(store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            _ = try await server.admin.createWebhook()
            try await exhaust(server, "acme")
            let fresh = try await server.admin.deliveries()
            #expect(
                fresh.map { $0["type"] } == ["quota.threshold_reached", "quota.exhausted"])
            let first = try #require(fresh.first)
            #expect(first["state"] == "pending")
            #expect(first["tenant"] == "acme")
            #expect(first["attempts"] == 0)
            #expect(first["last_status"] == .null)
            #expect(first["next_attempt_at"] != .null)
            try await record(server, .dead)
            let dead = try await server.admin.deliveries("ops", "state=dead")
            #expect(ids(dead) == ids(fresh))
            #expect(dead.first?["attempts"] == 8)
            #expect(dead.first?["last_status"] == 500)
            #expect(dead.first?["last_error"] == "the receiver answered 500")
            #expect(dead.first?["next_attempt_at"] == .null)
            #expect(try await server.admin.deliveries("ops", "state=pending").isEmpty)
            let pages = try await server.admin.items(
                of: "/api/admin/webhooks/ops/deliveries", pageSize: 1)
            #expect(ids(pages) == ids(fresh))
        }
    }

    @Test("questions that can't be meant are refused")
    func refusals() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        expectProblem(try await server.admin.get("/api/admin/webhooks/gone/deliveries"), 404)
        for query in ["state=gone", "surprise=1", "cursor=x", "limit=0"] {
            let reply = try await server.admin.get("/api/admin/webhooks/ops/deliveries?\(query)")
            expectProblem(reply, 422, "\(query)")
        }
    }

    @Test("what has died is replayed under the ids that it had")
    func replayOfDead() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        try await exhaust(server, "acme")
        let fresh = ids(try await server.admin.deliveries())
        try await record(server, .dead)
        let one = try await server.admin.replay(["deliveries": [.string(fresh[1])]])
        #expect(one.json == ["replayed": 1, "next_after": .null], "\(one.text)")
        #expect(ids(try await server.admin.deliveries("ops", "state=pending")) == [fresh[1]])
        let rest = try await server.admin.replay(["state": "dead"])
        #expect(rest["replayed"] == 1)
        let again = try await server.admin.deliveries("ops", "state=pending")
        #expect(ids(again) == fresh)
        #expect(again.allSatisfy { $0["attempts"] == 0 })
        let due = try await server.ledger.dueDeliveries(at: server.clock.now, perEndpoint: 9)
        #expect(due.map(\.notification.id).sorted() == fresh.sorted())
    }

    @Test("everything since an instant is replayed, also to an endpoint that is new")
    func replaySince() async throws {
        let server = try await TestServer()
        try await exhaust(server, "acme")
        server.clock.advance(by: .seconds(60))
        let between = server.clock.now
        try await exhaust(server, "globex", "initech")
        _ = try await server.admin.createWebhook()
        _ = try await server.admin.createWebhook([
            "id": "globex", "tenant": "globex", "events": ["quota.exhausted"],
        ])
        let since: JSONValue = ["since": .string(between.description)]
        #expect(try await server.admin.replay(since)["replayed"] == 4)
        let tenants = try await server.admin.deliveries().map { $0["tenant"]?.stringValue }
        #expect(tenants == ["globex", "globex", "initech", "initech"])
        #expect(try await server.admin.replay(since, to: "globex")["replayed"] == 1)
        let types = try await server.admin.deliveries("globex").map { $0["type"] }
        #expect(types == ["quota.exhausted"])
        let all = try await server.admin.replay(["since": "1970-01-01T00:00:00Z"])
        #expect(all["replayed"] == 6)
        let later = try await server.admin.replay(["since": "2030-01-01T00:00:00Z"])
        #expect(later.json == ["replayed": 0, "next_after": .null])
    }

    @Test("a call replays a bounded number, and the next one goes on after it")
    func bound() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        for number in 0..<502 { try await exhaust(server, "t\(number)") }
        let first = try await server.admin.replay(["since": "2026-01-01T00:00:00Z"])
        #expect(first["replayed"] == 1_000)
        let place = try #require(first["next_after"])
        let second = try await server.admin.replay([
            "since": "2026-01-01T00:00:00Z", "after": place,
        ])
        #expect(second.json == ["replayed": 4, "next_after": .null])
    }

    @Test("messages that are not there, or not the endpoint's, are refused")
    func wrongMessages() async throws {
        let server = try await TestServer()
        try await exhaust(server, "acme", "globex")
        _ = try await server.admin.createWebhook(["id": "all"])
        _ = try await server.admin.createWebhook(["id": "ops", "tenant": "globex"])
        _ = try await server.admin.replay(["since": "1970-01-01T00:00:00Z"], to: "all")
        let known = ids(try await server.admin.deliveries("all"))
        let forged = known[2].prefix { $0 != "_" } + "_1_3"
        for id in [
            "", "msg", "msg_1_9", "msg_1_-1", "msg_1_1y2p0ij32e8e8", String(forged), "x_y_1",
        ] {
            let reply = try await server.admin.replay(["deliveries": [.string(id)]])
            expectProblem(reply, 422, pointer: "/deliveries", "\(id)")
        }
        let foreign = try await server.admin.replay(["deliveries": [.string(known[0])]])
        expectProblem(foreign, 422, pointer: "/deliveries")
        #expect(foreign.string("detail").contains("globex"))
        #expect(try await server.admin.deliveries().isEmpty)
        let own = try await server.admin.replay(
            ["deliveries": [.string(known[2]), .string(known[2])]])
        #expect(own["replayed"] == 1)
    }

    @Test(
        "a replay says in one way what it is of",
        arguments: [
            ([:], ""), (["state": "dead", "since": "2026-01-01T00:00:00Z"], ""),
            (["state": "gone"], "/state"), (["since": "yesterday"], "/since"),
            (["deliveries": []], "/deliveries"), (["deliveries": [1]], "/deliveries/0"),
            (["state": "dead", "after": "x"], "/after"), (["all": true], ""),
        ] as [(JSONValue, String)])
    func wrongReplay(body: JSONValue, pointer: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        expectProblem(try await server.admin.replay(body), 422, pointer: pointer, "\(body)")
    }

    @Test("replays of too many messages at once are refused")
    func tooMany() async throws {
        let server = try await TestServer()
        _ = try await server.admin.createWebhook()
        let ids = [JSONValue](repeating: "msg_1_1", count: ReplayCommand.maximum + 1)
        let reply = try await server.admin.replay(["deliveries": .array(ids)])
        expectProblem(reply, 422, pointer: "/deliveries")
        #expect(reply.string("detail").contains("1000"))
    }

    @Test("each change leaves one entry in the audit, and a replay of nothing leaves none")
    func audit() async throws {
        let server = try await TestServer()
        let path = "/api/admin/webhooks/ops"
        _ = try await server.admin.createWebhook(["id": "ops", "reason": "on call"])
        _ = try await server.admin.patch(path, ["status": "disabled", "reason": "night"])
        _ = try await server.admin.patch(path, ["status": "active"])
        _ = try await server.admin.post("\(path)/rotate", ["reason": "leaked"])
        try await exhaust(server, "acme")
        _ = try await server.admin.replay(["state": "dead"])
        _ = try await server.admin.replay(["state": "pending", "reason": "it was down"])
        _ = try await server.admin.delete(path)
        let entries = try await server.admin.audit("subject=ops")
        #expect(
            entries.map { $0["action"]?.stringValue } == [
                "webhook.delete", "webhook.replay", "webhook.rotate", "webhook.update",
                "webhook.update", "webhook.create",
            ])
        #expect(entries[1]["details"] == ["state": "pending", "replayed": 2])
        #expect(entries[1]["reason"] == "it was down")
        #expect(entries[2]["reason"] == "leaked")
        #expect(entries[5]["details"]?["url"] == "https://hooks.example.com/weir")
    }
}
