import QuotaEngine
import QuotaLedger
import QuotaModel

// Lives of nodes that are over.
extension LedgerCheck {
    static let lives = [
        LedgerCheck("lives that are over and have nothing left are forgotten", forgetsLives),
        LedgerCheck("what is left of a life keeps it", keepsLives),
        LedgerCheck("a lease that a reservation names outlives its life", keepsNamedLeases),
    ]

    private static func forgetsLives(_ first: Scenario) async throws {
        var scenario = first
        let subject = Subject("acme", .tokens(1_000, per: .month))
        var lives: [LeasingNode] = []
        for number in 1...5 as ClosedRange<Int64> {
            var node = try await LeasingNode(scenario)
            try expectEqual(node.holder.incarnation, number, "each life has the next number")
            let lease = try await node.lease(scenario, subject, 10)[0]
            try await node.use(scenario, lease, 4)
            try await node.end(scenario, number == 2 ? .incomplete : .complete)
            lives.append(node)
            for _ in 0..<3 { try await scenario.sweep() }
            try await scenario.reopen()
        }
        for (index, life) in lives.enumerated() {
            var node = life
            let use = LeaseUse(lease: node.lease(1), used: 9, isClosed: true)
            let part = node.nextPart(uses: [use])
            try expectEqual(
                try await node.answer(scenario, part), .over, "a late part of life \(index + 1)")
            try expectEqual(
                try await node.draw(scenario, subject), .fenced, "a draw of life \(index + 1)")
            try await node.end(scenario, .complete)
        }
        let unknown = FoldCommand(holder: Holder(name: "n1", incarnation: 9), ranges: [])
        try expectEqual(
            try await lives[0].answer(scenario, unknown), .unknownHolder, "a life that never was")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 20, suspect: 6, available: 974),
            "what they left")
        let next = try await LeasingNode(scenario)
        try expectEqual(next.holder.incarnation, 6, "no number is given out again")
        try await scenario.expectSound()
    }

    /// A life that is lost with a reservation that holds 8 of 10 leased units, which is settled
    /// later; the lease.
    private static func settleAfterLoss(
        _ scenario: inout Scenario,
        _ subject: Subject,
        giving: [LeaseReturn] = []
    ) async throws -> GrantID {
        var lost = try await LeasingNode(scenario)
        let lease = try await lost.lease(scenario, subject, 10)[0]
        let held = try await lost.hold(scenario, subject, 8, of: lease)
        let draw = DrawCommand(
            holder: lost.holder, epoch: 0, floor: 2, tenant: subject.tenant,
            calendar: subject.calendar, returns: giving)
        let end = EndHolderCommand(holder: lost.holder, evidence: .incomplete)
        _ = try await scenario.ledger.commit([.draw(draw), .endHolder(end)])
        _ = try await LeasingNode(scenario)
        for _ in 0..<3 { try await scenario.sweep() }
        try await scenario.reopen()
        try await scenario.settle(held, 8)
        for _ in 0..<3 { try await scenario.sweep() }
        return lease
    }

    private static func keepsLives(_ first: Scenario) async throws {
        var scenario = first
        let subject = Subject("acme", .tokens(1_000, per: .month))
        let lease = try await settleAfterLoss(&scenario, subject)
        guard case .leaseResolved = try await scenario.resolve(lease, used: 8) else {
            throw ConformanceFailure(promise: "what is left can be resolved", seen: "", line: #line)
        }
        for _ in 0..<3 { try await scenario.sweep() }
        try expectEqual(
            try await scenario.resolve(lease, used: 8), .notFound, "nothing of it is left")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 8, available: 992), "in all")
        try await scenario.expectSound()
    }

    /// What goes back with a power cut behind it may have been held by what the journal still has.
    private static func keepsNamedLeases(_ first: Scenario) async throws {
        var scenario = first
        let subject = Subject("acme", .tokens(1_000, per: .month))
        let all = LeaseReturn(
            lease: GrantID(holder: "n1", incarnation: 1, sequence: 1), returned: 10)
        _ = try await settleAfterLoss(&scenario, subject, giving: [all])
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 8, available: 992), "in all")
        try await scenario.expectSound()
    }
}
