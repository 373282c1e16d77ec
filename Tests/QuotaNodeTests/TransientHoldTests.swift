import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("holds whose end nobody asks for")
struct TransientHoldTests {
    private static let limits = [
        Limit(meter: StoredNode.tokens, window: .month, quantity: 1_000)
    ]

    private func hold(
        _ test: StoredNode,
        isTransient: Bool,
        onExpiry: Reservation.OnExpiry = .post
    ) async throws -> Reservation {
        let hold = DecisionRequest.Hold(
            ttlMilliseconds: 60_000, onExpiry: onExpiry, isTransient: isTransient)
        let outcome = try await test.decide([StoredNode.tokens: 100], hold: hold)
        return try #require(outcome.reservation)
    }

    @Test(
        "one that came and went leaves its use and nothing else",
        arguments: StoredNode.Kind.allCases, [true, false])
    func cameAndWent(kind: StoredNode.Kind, isTransient: Bool) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await hold(test, isTransient: isTransient)
        _ = try await test.node.settle(
            held.id, charges: [Charge(meter: StoredNode.tokens, amount: 40)],
            note: #"{"a":1}"#, tenant: nil)
        try await test.node.fold()
        let known = try await test.ledger.reservation(held.id)
        #expect((known == nil) == isTransient)
        let events = try await test.events()
        #expect(events.map(\.units) == [40])
        #expect(events.map(\.metadata) == [#"{"a":1}"#])
        #expect(try await test.limit("tenant:ai_tokens/month")?.used == 40)
        #expect(try await test.limit("tenant:ai_tokens/month")?.held == 0)
    }

    @Test(
        "one that the ledger has heard of is told to have ended",
        arguments: StoredNode.Kind.allCases)
    func heardOf(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await hold(test, isTransient: true)
        try await test.node.fold()
        #expect(try await test.ledger.reservation(held.id)?.state == .held)
        _ = try await test.node.settle(
            held.id, charges: [Charge(meter: StoredNode.tokens, amount: 40)], tenant: nil)
        try await test.node.fold()
        #expect(try await test.ledger.reservation(held.id)?.state == .settled)
        #expect(try await test.events().map(\.units) == [40])
    }

    @Test(
        "one that is open when the process is killed ends as it was told to",
        arguments: StoredNode.Kind.allCases)
    func killed(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await hold(test, isTransient: true)
        let next = try await test.next()
        #expect(try await next.ledger.reservation(held.id)?.state == .held)
        next.clock.advance(by: .seconds(61))
        _ = try await next.node.sweep()
        #expect(try await next.events().map(\.units) == [100])
        #expect(try await next.limit("tenant:ai_tokens/month")?.held == 0)
    }

    @Test("one that time makes suspect is kept", arguments: StoredNode.Kind.allCases)
    func suspect(kind: StoredNode.Kind) async throws {
        let test = try await StoredNode(kind, limits: Self.limits)
        let held = try await hold(test, isTransient: true, onExpiry: .suspect)
        test.clock.advance(by: .seconds(61))
        _ = try await test.node.sweep()
        #expect(try await test.ledger.reservation(held.id)?.state == .suspect)
    }
}
