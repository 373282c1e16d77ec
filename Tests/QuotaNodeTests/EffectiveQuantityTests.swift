import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("the quantity of a limit")
struct EffectiveQuantityTests {
    private let tenant = TestNode.tenant
    private let meter = Meter.aiTokens.id

    private func quantity(_ test: TestNode) async throws -> Int64? {
        try await test.node.effectiveQuantity(for: meter, window: .month, tenant: tenant)
    }

    @Test("is kept for a second")
    func isKept() async throws {
        let test = try await TestNode()
        _ = try await test.decide(1)
        #expect(try await quantity(test) == 100_000)
        let before = test.ledger.calls
        #expect(try await quantity(test) == 100_000)
        test.clock.advance(by: .milliseconds(999))
        #expect(try await quantity(test) == 100_000)
        #expect(test.ledger.calls == before)
        test.clock.advance(by: .milliseconds(1))
        #expect(try await quantity(test) == 100_000)
        #expect(test.ledger.calls > before)
    }

    @Test("is not kept over a change of the tenant")
    func hearsOfChanges() async throws {
        let test = try await TestNode()
        _ = try await test.decide(1)
        #expect(try await quantity(test) == 100_000)
        let topUp = TopUp(id: TopUpID(trusted: "g_1"), granted: 500, grantedAt: test.node.now)
        _ = try await test.node.grant(topUp, to: tenant, meter: meter, window: .month)
        #expect(try await quantity(test) == 100_500)
        let id = LimitOverride.ID(tenant: tenant, meter: meter, window: .month)
        _ = try await test.node.putOverride(
            id, effect: .quantity(10), expiresAt: nil, periods: nil)
        #expect(try await quantity(test) == 510)
        try await test.node.revoke(topUp.id, of: tenant)
        #expect(try await quantity(test) == 10)
        _ = try await test.node.putOverride(
            id, effect: .quantity(nil), expiresAt: nil, periods: nil)
        #expect(try await quantity(test) == nil)
        try await test.node.deleteOverride(id)
        #expect(try await quantity(test) == 100_000)
    }

    @Test("ends with its period")
    func endsWithPeriod() async throws {
        let test = try await TestNode()
        _ = try await test.decide(1)
        let topUp = TopUp(id: TopUpID(trusted: "g_1"), granted: 500, grantedAt: test.node.now)
        let limit = try await test.node.effectiveLimit(
            for: meter, window: .month, tenant: tenant)
        let end = try #require(limit.limit?.resetAt)
        test.clock.set(end.adding(nanoseconds: -1_000_000))
        let lasting = TopUp(
            id: topUp.id, granted: 500, expiresAt: end, grantedAt: test.node.now)
        _ = try await test.node.grant(lasting, to: tenant, meter: meter, window: .month)
        #expect(try await quantity(test) == 100_500)
        test.clock.advance(by: .milliseconds(1))
        #expect(try await quantity(test) == 100_000)
    }
}
