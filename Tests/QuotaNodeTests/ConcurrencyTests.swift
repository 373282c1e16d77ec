import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("limits of what is held at once")
struct ConcurrencyTests {
    private static let id = "tenant:api_calls/concurrent"

    private func node(
        _ kind: StoredNode.Kind = .memory,
        _ limit: Limit = Limit(meter: StoredNode.calls, window: .concurrent, quantity: 3)
    ) async throws -> StoredNode {
        try await StoredNode(
            kind,
            limits: [
                Limit(meter: StoredNode.calls, window: .month, quantity: 1_000), limit,
            ])
    }

    private func reserve(_ test: StoredNode, _ amount: Int64) async throws -> DecisionOutcome {
        try await test.decide(
            [StoredNode.calls: amount],
            hold: DecisionRequest.Hold(ttlMilliseconds: 60_000, onExpiry: .void))
    }

    private func expect(
        _ test: StoredNode,
        held: Int64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let limit = try await test.limit(Self.id)
        #expect(limit?.used == held, sourceLocation: sourceLocation)
        #expect(limit?.held == held, sourceLocation: sourceLocation)
        #expect(limit?.remaining == max(0, 3 - held), sourceLocation: sourceLocation)
        #expect(limit?.resetAt == nil, sourceLocation: sourceLocation)
    }

    @Test("holds have their slots until they end, however", arguments: StoredNode.Kind.allCases)
    func slots(kind: StoredNode.Kind) async throws {
        let test = try await node(kind)
        let first = try #require(try await reserve(test, 2).reservation)
        let last = try await reserve(test, 1)
        let status = try #require(last.decision.limits.first { $0.id == Self.id })
        #expect(status.used == 3 && status.remaining == 0 && status.limit == 3)
        try await expect(test, held: 3)
        let refused = try await reserve(test, 1).decision
        #expect(refused.isAllowed == false)
        #expect(refused.deniedBy?.reason == .concurrencyExceeded)
        #expect(refused.deniedBy?.limitID == Self.id)
        #expect(refused.deniedBy?.requested == 1)
        #expect(refused.deniedBy?.available == 0)
        #expect(refused.deniedBy?.retryAfterNanoseconds == 1_000_000_000)
        // More than there ever are.
        #expect(try await reserve(test, 4).decision.deniedBy?.retryAfterNanoseconds == nil)
        _ = try await test.node.settle(first.id, charges: [], tenant: nil)
        try await expect(test, held: 1)
        _ = try await test.node.void(try #require(last.reservation).id, tenant: nil)
        try await expect(test, held: 0)
        _ = try await reserve(test, 3)
        test.clock.advance(by: .seconds(61))
        _ = try await test.node.sweep()
        try await expect(test, held: 0)
        #expect(try await test.limit("tenant:api_calls/month")?.used == 2)
        let accounts = try await test.ledger.accounts(of: StoredNode.tenant)
        #expect(accounts.map(\.window) == [.month])
    }

    @Test("who holds nothing does not look at them")
    func consumption() async throws {
        let test = try await node()
        _ = try await reserve(test, 3)
        for _ in 0..<3 {
            let decision = try await test.decide([StoredNode.calls: 5]).decision
            #expect(decision.isAllowed)
            #expect(decision.limits.map(\.id) == ["tenant:api_calls/month"])
        }
        let check = try await test.node.check(test.request([StoredNode.calls: 5]))
        #expect(check.isAllowed)
        try await expect(test, held: 3)
    }

    @Test("what a hold is extended by has its slots, and is not refused for them")
    func extensions() async throws {
        let test = try await node()
        let held = try #require(try await reserve(test, 2).reservation)
        _ = try await test.node.extend(
            held.id, of: StoredNode.tenant, by: [Charge(meter: StoredNode.calls, amount: 3)])
        try await expect(test, held: 5)
        #expect(try await reserve(test, 1).decision.isAllowed == false)
        _ = try await test.node.void(held.id, tenant: nil)
        try await expect(test, held: 0)
        #expect(try await reserve(test, 3).decision.isAllowed)
    }

    @Test("the next life begins with none", arguments: StoredNode.Kind.allCases)
    func crash(kind: StoredNode.Kind) async throws {
        let first = try await node(kind)
        _ = try await reserve(first, 3)
        let second = try await first.next()
        try await expect(second, held: 0)
        #expect(try await reserve(second, 3).decision.isAllowed)
        #expect(try await reserve(second, 1).decision.isAllowed == false)
        #expect(try await second.limit("tenant:api_calls/month")?.held == 6)
    }

    @Test("in shadow mode they only say what they would refuse")
    func shadow() async throws {
        let limit = Limit(
            meter: StoredNode.calls, window: .concurrent, quantity: 3, mode: .shadow)
        let test = try await node(.memory, limit)
        _ = try await reserve(test, 3)
        let decision = try await reserve(test, 2).decision
        #expect(decision.isAllowed)
        #expect(decision.warnings.contains { $0.contains(Self.id) })
        #expect(try await test.limit(Self.id)?.used == 5)
        #expect(try await test.limit(Self.id)?.isExceeded == true)
    }

    @Test("each model has its own")
    func models() async throws {
        let small = ModelName(trusted: "small")
        let limit = Limit(
            meter: StoredNode.calls, scope: .model(small), window: .concurrent, quantity: 1)
        let test = try await node(.memory, limit)
        var request = test.request(
            [StoredNode.calls: 1],
            hold: DecisionRequest.Hold(ttlMilliseconds: 60_000, onExpiry: .void))
        var allowed: [Bool] = []
        for model in [nil, small, small, ModelName(trusted: "large")] {
            request.model = model
            guard case .decided(let outcome, _) = try await test.node.decide(request) else {
                continue
            }
            allowed.append(outcome.decision.isAllowed)
        }
        #expect(allowed == [true, true, false, true])
        #expect(try await test.limit("model(small):api_calls/concurrent")?.used == 1)
    }

    @Test("an override changes how many there are")
    func overrides() async throws {
        let test = try await node()
        _ = try await reserve(test, 3)
        let id = LimitOverride.ID(
            tenant: StoredNode.tenant, meter: StoredNode.calls, window: .concurrent)
        _ = try await test.node.putOverride(
            id, effect: .quantity(4), expiresAt: nil, periods: nil)
        #expect(try await reserve(test, 2).decision.deniedBy?.available == 1)
        #expect(try await reserve(test, 1).decision.isAllowed)
        #expect(try await test.limit(Self.id)?.used == 4)
        await #expect(throws: NodeError.self) { _ = try await test.node.reset(id) }
    }
}
