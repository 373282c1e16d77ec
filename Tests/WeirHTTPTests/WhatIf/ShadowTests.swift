import QuotaNode
import StrictJSON
import Testing

/// What a limit in shadow mode does and leaves, as callers and administrators see it.
@Suite("limits in shadow mode")
struct ShadowTests {
    /// A plan with a budget of calls in shadow mode, and one of tokens that holds.
    private func plan(_ server: TestServer, calls: Int64 = 2, tokens: Int64 = 100) async throws {
        let reply = try await server.admin.putPlan(
            "free",
            [
                .limit(calls, "api_calls", per: "month").with("mode", "shadow"),
                .limit(tokens, "ai_tokens", per: "month"),
            ])
        #expect(reply.status < 300)
    }

    /// Who would have been refused by which limit, how often and of how many units.
    private func counted(_ server: TestServer, _ query: String = "") async throws -> [String] {
        let reply = try await server.admin.get("/api/admin/shadow" + query)
        #expect(reply.status == 200, "\(reply.text)")
        return (reply["refusals"]?.arrayValue ?? [])
            .map { row in
                "\(row.string("tenant")) \(row.string("limit")) \(row.integer("requests")) "
                    + "\(row.integer("units"))"
            }
    }

    private func metric(_ server: TestServer, _ labels: String) async throws -> String? {
        try await server.anonymous.get("/metrics").text.split(separator: "\n")
            .first { $0.hasPrefix("weir_shadow_refusals_total{\(labels)}") }
            .map { String($0.split(separator: " ").last ?? "") }
    }

    @Test(
        "row F: shadow mode evaluates and counts, and never enforces",
        arguments: TestServer.Store.allCases)
    func consume(store: TestServer.Store) async throws {
        try await TestServer.with(store) { server in
            try await plan(server)
            for number in 1...5 {
                let reply = try await server.admin.consume(1, "api_calls")
                #expect(reply.status == 200)
                let warns = reply["warnings"]?.arrayValue?
                    .contains {
                        $0.stringValue?.contains("is in shadow mode and would have refused") == true
                    }
                #expect(warns == (number > 2))
                #expect(reply.used("tenant:api_calls/month") == Int64(number))
            }
            #expect(try await counted(server) == ["acme tenant:api_calls/month 3 3"])
            let labels =
                #"limit="tenant:api_calls/month",meter="api_calls",plan="free""#
            #expect(try await metric(server, labels) == "3")
            let usage = try await server.admin.usage()
            #expect(usage.limit("tenant:api_calls/month")?["remaining"] == 0)
        }
    }

    @Test("what would not have been refused leaves nothing")
    func nothing() async throws {
        let server = try await TestServer()
        try await plan(server)
        _ = try await server.admin.consume(2, "api_calls")
        _ = try await server.admin.check(.charging(9, "api_calls"))
        #expect(try await counted(server) == [])
        #expect(try await server.anonymous.get("/metrics").text.contains("weir_shadow") == false)
    }

    @Test("reservations, batches and repeated requests count once each")
    func otherWays() async throws {
        let server = try await TestServer()
        try await plan(server)
        let held = try await server.admin.reserve(.charging(3, "api_calls"))
        #expect(held.status == 200 || held.status == 201)
        #expect(try await counted(server) == ["acme tenant:api_calls/month 1 3"])
        let settled = try await server.admin.settle(
            held.string("reservation_id"), [.charge(5, "api_calls")])
        #expect(settled.status == 200)
        let batch = try await server.admin.batch(
            "consume", [.charging(1, "api_calls"), .charging(1, "api_calls", tenant: "globex")])
        #expect(batch.status == 200)
        for _ in 0..<2 {
            let repeated = try await server.admin.consume(
                JSONValue.charging(4, "api_calls").with("idempotency_key", "once"))
            #expect(repeated.status == 200)
        }
        #expect(try await counted(server) == ["acme tenant:api_calls/month 3 8"])
        #expect(try await counted(server, "?tenant=globex") == [])
        let usage = try await server.admin.usage()
        #expect(usage.used("tenant:api_calls/month") == 10)
    }

    @Test("beside a limit that holds: that one refuses, and the other is counted all the same")
    func besideAnother() async throws {
        let server = try await TestServer()
        try await plan(server, calls: 0, tokens: 10)
        let reply = try await server.admin.consume(
            ["tenant": "acme", "charges": [.charge(1, "api_calls"), .charge(11, "ai_tokens")]])
        expectRefusal(reply, by: "tenant:ai_tokens/month")
        #expect(reply["violated-policies"] == ["tenant:ai_tokens/month"])
        #expect(try await counted(server) == ["acme tenant:api_calls/month 1 1"])
        let usage = try await server.admin.usage()
        #expect(usage.used("tenant:api_calls/month") == 0, "what was refused was not used")
    }

    @Test("rates, allocations and what is held at once have a shadow, too")
    func otherKinds() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [
                .limit(2, "api_calls", per: "minute").with("mode", "shadow"),
                .limit(1, "api_calls", per: "concurrent").with("mode", "shadow"),
                .limit(3, "team_members", per: "none").with("mode", "shadow"),
            ])
        for _ in 0..<3 {
            #expect(try await server.admin.reserve(.charging(1, "api_calls")).status < 300)
        }
        #expect(try await server.admin.allocate(4).status == 200)
        #expect(
            try await counted(server) == [
                "acme tenant:api_calls/concurrent 2 2", "acme tenant:api_calls/minute 1 1",
                "acme tenant:team_members/none 1 4",
            ])
    }

    @Test("enforced again, the limit refuses by what was used meanwhile")
    func enforcedAgain() async throws {
        let server = try await TestServer()
        try await plan(server)
        _ = try await server.admin.consume(5, "api_calls")
        _ = try await server.admin.putPlan("free", [.limit(6, "api_calls", per: "month")])
        #expect(try await server.admin.consume(1, "api_calls").status == 200)
        expectRefusal(
            try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/month")
        _ = try await server.admin.putPlan("free", [.limit(4, "api_calls", per: "month")])
        expectRefusal(
            try await server.admin.consume(1, "api_calls"), by: "tenant:api_calls/month")
    }

    @Test("a server that enforces nothing counts all its limits")
    func unenforced() async throws {
        var settings = NodeSettings()
        settings.isEnforced = false
        let server = try await TestServer(settings: settings)
        _ = try await server.admin.putPlan("free", [.limit(1, "api_calls", per: "month")])
        #expect(try await server.admin.consume(2, "api_calls").status == 200)
        #expect(try await counted(server) == ["acme tenant:api_calls/month 1 2"])
    }
}
