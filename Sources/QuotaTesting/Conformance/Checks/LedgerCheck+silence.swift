import QuotaEngine
import QuotaLedger
import QuotaModel

// Nodes that are not heard of.
extension LedgerCheck {
    static let silence = [
        LedgerCheck("what a silent node leases becomes suspect after a minute", silenceSuspects),
        LedgerCheck("the silence of nodes begins anew with the store", silenceBeginsAnew),
    ]

    private static func silenceSuspects(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        var (silent, loud) = (
            try await LeasingNode(scenario, "n1"), try await LeasingNode(scenario, "n2")
        )
        let leases = try await silent.lease(scenario, subject, 20)
        try await loud.lease(scenario, subject, 10)
        scenario.clock.advance(by: .seconds(60))
        try await scenario.sweep()
        try expectEqual(
            try await scenario.balances(subject), Balances(held: 30, available: 70),
            "a minute is not too long")
        _ = try await loud.draw(scenario, subject)
        scenario.clock.advance(by: .milliseconds(1))
        try await scenario.sweep()
        try expectEqual(
            try await scenario.balances(subject), Balances(held: 10, suspect: 20, available: 70),
            "after more than a minute")
        try expectEqual(
            try await silent.draw(scenario, subject), .silent(epoch: 1), "it is told")
        silent.epoch = 1
        try await silent.use(scenario, leases[0], 5, closing: true)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 5, held: 10, available: 85),
            "its word is taken all the same")
        try await scenario.expectSound()
    }

    private static func silenceBeginsAnew(_ first: Scenario) async throws {
        guard first.isDurable else { return }
        var scenario = first
        let subject = Subject("acme", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        try await node.lease(scenario, subject, 20)
        for _ in 0..<3 {
            scenario.clock.advance(by: .seconds(50))
            try await scenario.reopen()
            try await scenario.sweep()
            try expectEqual(
                try await scenario.balances(subject), Balances(held: 20, available: 80),
                "50 seconds, and the store was closed in between")
        }
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        try expectEqual(
            try await scenario.balances(subject), Balances(suspect: 20, available: 80),
            "a minute since the store was opened")
        try await scenario.expectSound()
    }
}
