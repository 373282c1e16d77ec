import QuotaLedger
import StrictJSON
import Testing

@Suite("/api/admin/quota: stats, cache, health")
struct CacheAdminTests {
    private static let base = "/api/admin/quota"

    @Test("stats has the shape of the mission")
    func stats() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        let reply = try await server.admin.get("\(Self.base)/stats")
        #expect(reply.status == 200)
        #expect(reply["success"] == true)
        let stats = try #require(reply["stats"])
        for name in [
            "cache_hits", "cache_misses", "total_requests", "cache_size", "cache_max_size",
            "redis_calls",
        ] {
            #expect(stats[name]?.integerValue != nil, "\(name)")
        }
        #expect(stats["cache_max_size"] == 10_000)
        #expect(stats["total_requests"] == 1)
        #expect(stats["hit_rate_percent"]?.numberValue != nil)
        #expect(stats["cache_performance"]?["hit_rate_percent"]?.numberValue != nil)
        #expect(stats["cache_performance"]?["status"]?.stringValue == "no_data")
        #expect(stats["hash_storage"]?["tenant_count"] == 1)
        #expect(stats["hash_storage"]?["estimated_size_mb"]?.numberValue != nil)
    }

    @Test("the first request of a tenant asks the store, and the next ones do not")
    func misses() async throws {
        let server = try await TestServer()
        for _ in 0..<3 { _ = try await server.admin.consume(["tenant": "acme"]) }
        let stats = try await server.admin.get("\(Self.base)/stats")
        #expect(stats["stats", "cache_misses"] == 1)
        #expect(stats["stats", "cache_hits"] == 2)
    }

    @Test(
        "the verdict on the hit rate, from 1,000 decisions on",
        arguments: [
            (700, 299, "no_data"), (801, 199, "good"), (800, 200, "acceptable"),
            (600, 400, "acceptable"), (599, 401, "poor"),
        ])
    func verdict(hits: Int, misses: Int, expected: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.createTenant(["id": "acme"])
        _ = try await server.admin.post(
            "\(Self.base)/cache/warm", ["tenant_ids": ["acme"], "plan_type": "free"])
        for _ in 0..<hits { _ = try await server.admin.check(["tenant": "acme"]) }
        for number in 0..<misses {
            _ = try await server.admin.consume(["tenant": .string("t\(number)")])
        }
        let stats = try await server.admin.get("\(Self.base)/stats")
        #expect(stats["stats", "total_requests"]?.integerValue == Int64(hits + misses))
        #expect(stats["stats", "cache_performance", "status"] == .string(expected))
        let health = try await server.admin.get("\(Self.base)/health")
        #expect(health["checks", "cache_performance", "status"] == .string(expected))
        #expect(health["status"] == "healthy")
    }

    @Test("warming says how many tenants were warmed, and creates none")
    func warm() async throws {
        let server = try await TestServer()
        for id in ["tenant1", "tenant2"] {
            _ = try await server.admin.createTenant(["id": .string(id)])
        }
        let reply = try await server.admin.post(
            "\(Self.base)/cache/warm",
            ["tenant_ids": ["tenant1", "tenant2", "nobody"], "plan_type": "free"])
        #expect(reply.status == 200)
        #expect(integers(reply).contains(2))
        let stats = try await server.admin.get("\(Self.base)/stats")
        #expect(stats["stats", "cache_size"] == 2)
        expectProblem(try await server.admin.get("/api/admin/tenants/nobody"), 404)
    }

    @Test("warming refuses what is no tenant id, where it stands")
    func warmErrors() async throws {
        let server = try await TestServer()
        let path = "\(Self.base)/cache/warm"
        expectProblem(try await server.admin.post(path, [:]), 422, pointer: "/tenant_ids")
        expectProblem(
            try await server.admin.post(path, ["tenant_ids": "acme"]), 422,
            pointer: "/tenant_ids")
        expectProblem(
            try await server.admin.post(path, ["tenant_ids": ["acme", 5]]), 422,
            pointer: "/tenant_ids/1")
        expectProblem(
            try await server.admin.post(path, ["tenant_ids": [""]]), 422,
            pointer: "/tenant_ids/0")
    }

    @Test("clearing says how many entries were dropped; nothing consumed is forgotten")
    func clear() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [.limit(1000, "api_calls", per: "month"), .limit(2, "ai_tokens", per: "minute")])
        _ = try await server.admin.consume(1000, "api_calls")
        _ = try await server.admin.consume(2, "ai_tokens", tenant: "globex")
        let reply = try await server.admin.send("POST", "\(Self.base)/cache/clear")
        #expect(reply.status == 200)
        #expect(integers(reply).contains(2))
        #expect(
            try await server.admin.get("\(Self.base)/stats")["stats", "cache_size"] == 0)
        #expect(try await server.admin.consume(1, "api_calls").status == 429)
        let rate = try await server.admin.consume(1, "ai_tokens", tenant: "globex")
        #expect(rate.status == 429)
        #expect(try await server.admin.usage().used("tenant:api_calls/month") == 1000)
        let again = try await server.admin.send("POST", "\(Self.base)/cache/clear")
        #expect(again.status == 200)
    }

    @Test("health has the shape of the mission")
    func health() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        let reply = try await server.admin.get("\(Self.base)/health")
        #expect(reply.status == 200)
        #expect(reply["status"] == "healthy")
        #expect(reply["checks", "redis_connection"] == "disabled")
        #expect(reply["checks", "cache_performance", "status"] == "no_data")
        #expect(reply["checks", "cache_performance", "hit_rate_percent"]?.numberValue != nil)
        #expect(reply["checks", "hash_storage", "tenant_count"] == 1)
        #expect(reply["checks", "hash_storage", "estimated_size_mb"]?.numberValue != nil)
    }

    @Test("a store that fails under decisions is degraded, one that is gone is unhealthy")
    func failing() async throws {
        let server = try await TestServer()
        _ = try await server.admin.consume(["tenant": "acme"])
        server.ledger.beforeCommit { (_) throws(LedgerError) in
            throw LedgerError(.diskFull, "the disk is full")
        }
        // What is leased can still be spent; the rest can't.
        #expect(try await server.admin.consume(["tenant": "acme"]).status == 200)
        let failed = try await server.admin.consume(["tenant": "globex"])
        expectProblem(failed, 503)
        #expect(failed["denied_by", "reason"] == "unavailable")
        let degraded = try await server.admin.get("\(Self.base)/health")
        #expect(degraded["status"] != "healthy")
        server.ledger.fail(LedgerError(.broken, "the disk is gone"))
        let unhealthy = try await server.admin.get("\(Self.base)/health")
        #expect(unhealthy["status"] == "unhealthy")
        expectProblem(try await server.admin.get("\(Self.base)/stats"), 503)
        expectProblem(try await server.admin.consume(["tenant": "new"]), 503)
    }

    @Test("a failure of the store says nothing about its insides")
    func secretive() async throws {
        let server = try await TestServer()
        server.ledger.fail(LedgerError(.broken, "no such table: secret_table"))
        let reply = try await server.admin.consume(["tenant": "acme"])
        expectProblem(reply, 503)
        #expect(!reply.text.contains("secret_table"))
    }

    private func integers(_ reply: Reply) -> [Int64] {
        (reply.json.objectValue?.members ?? []).compactMap(\.value.integerValue)
    }
}
