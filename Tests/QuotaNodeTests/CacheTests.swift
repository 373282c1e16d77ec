import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("the node's cache")
struct CacheTests {
    @Test("a tenant is read again when its time to live has passed")
    func timeToLive() async throws {
        let test = try await TestNode()
        _ = try await test.decide(1)
        let afterFirst = test.ledger.tenantReads
        test.clock.advance(by: .seconds(60))
        test.clock.advance(nanoseconds: -1)
        _ = try await test.decide(1)
        #expect(test.ledger.tenantReads == afterFirst)
        test.clock.advance(nanoseconds: 1)
        _ = try await test.decide(1)
        #expect(test.ledger.tenantReads == afterFirst + 1)
        _ = try await test.decide(1)
        #expect(test.ledger.tenantReads == afterFirst + 1)
    }

    @Test("a time to live of 0 reads each time")
    func noTimeToLive() async throws {
        var settings = NodeSettings()
        settings.cacheTTLNanoseconds = 0
        let test = try await TestNode(settings: settings)
        _ = try await test.decide(1)
        let before = test.ledger.tenantReads
        for _ in 0..<3 { _ = try await test.decide(1) }
        #expect(test.ledger.tenantReads == before + 3)
    }

    @Test("the cache never holds more than its size, and forgetting costs no unit")
    func size() async throws {
        var settings = NodeSettings()
        settings.cacheSize = 4
        let test = try await TestNode(settings: settings)
        let tenants = (0..<20).map { TenantID(trusted: "tenant\($0)") }
        for round in 1...3 {
            for tenant in tenants {
                let outcome = try await test.decide(10, tenant: tenant)
                #expect(outcome.decision.limits.first?.used == Int64(10 * round))
                #expect(test.node.statistics.cacheSize <= 4)
            }
        }
        #expect(test.node.statistics.maximumCacheSize == 4)
    }

    @Test("warming reads tenants before they ask")
    func warm() async throws {
        let first = try await TestNode()
        _ = try await first.decide(1)
        let test = try await TestNode(on: first.memory, clock: first.clock, files: first.files)
        let missing = TenantID(trusted: "nobody")
        let answer = try await test.node.warm([TestNode.tenant, missing])
        #expect(answer.warmed == 1)
        #expect(answer.notFound == [missing])
        let before = test.ledger.tenantReads
        _ = try await test.decide(1)
        #expect(test.ledger.tenantReads == before)
    }

    @Test("clearing answers how many entries there were, and forgets no use")
    func clear() async throws {
        let test = try await TestNode()
        _ = try await test.decide(1000)
        #expect(try await test.node.clearCaches() == 1)
        #expect(test.node.statistics.cacheSize == 0)
        #expect(try await test.decide(1).decision.isAllowed == false)
    }

    @Test("a decision that had to read its tenant made a call to the store")
    func coldDecision() async throws {
        let first = try await TestNode()
        _ = try await first.decide(1000)
        let test = try await TestNode(on: first.memory, clock: first.clock, files: first.files)
        _ = try await test.check(1)
        #expect(test.ledger.tenantReads == 1)
        #expect(test.node.statistics.misses == 1)
        _ = try await test.check(1)
        #expect(test.ledger.tenantReads == 1)
        #expect(test.node.statistics.total == 2)
        #expect(test.node.statistics.hits == 1)
    }

    @Test("every decision is counted once, as admitted or refused")
    func counts() async throws {
        let test = try await TestNode()
        _ = try await test.decide(999)
        _ = try await test.decide(2)
        _ = try await test.check(1)
        _ = try await test.check(2)
        let statistics = test.node.statistics
        #expect(statistics.admitted == 2)
        #expect(statistics.refused == 2)
        #expect(statistics.total == 4)
        #expect(statistics.failures == 0)
    }
}
