import QuotaEngine
import QuotaLedger
import QuotaModel

// Leases and the periods that they belong to.
extension LedgerCheck {
    static let leases = [
        LedgerCheck("accounts are told with the ledger's time", tellsTheTime),
        LedgerCheck("a lease of a period that is reset gets nothing of the next", resetsUnderLease),
        LedgerCheck("a lease of an archived period gets nothing more", archivesUnderLease),
    ]

    /// Asks again for what a lease was asked for.
    private static func again(
        _ scenario: Scenario,
        _ node: LeasingNode,
        _ subject: Subject,
        _ units: Int64
    ) async throws -> DrawAnswer {
        let wants = subject.demands([Subject.tokens: units]).enumerated()
            .map { LeaseWant(demand: $1, wanted: 0, lease: node.lease(Int64($0) + 1)) }
        return try await node.draw(scenario, subject, wants)
    }

    private static func tellsTheTime(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .day), .tokens(300, per: .month))
        var node = try await LeasingNode(scenario)
        for units in [20, 1_000] as [Int64] {
            scenario.clock.advance(by: .seconds(7))
            let answer = try await node.ask(scenario, subject, [Subject.tokens: units])
            let accounts: [AccountSnapshot] =
                switch answer {
                case .granted(_, let accounts), .refused(_, let accounts, _): accounts
                default: []
                }
            try expectEqual(
                accounts.map(\.at), [scenario.clock.now, scenario.clock.now],
                "the time of each account")
        }
    }

    private static func resetsUnderLease(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        scenario.clock.advance(by: .seconds(10))
        let reset = try await scenario.reset(subject)
        guard case .done(let closed, let opened) = reset else {
            throw ConformanceFailure(promise: "a reset", seen: "\(reset)", line: #line)
        }
        try expectEqual(closed?.account.state, .closing, "what is leased still settles")
        try expectEqual(opened?.account.available, 100, "the new period is full")
        scenario.clock.advance(by: .seconds(1))
        let answer = try await again(scenario, node, subject, 20)
        guard case .granted(let grants, let accounts) = answer else {
            throw ConformanceFailure(promise: "the same lease", seen: "\(answer)", line: #line)
        }
        try expectEqual(grants.map(\.id), [lease], "the lease that was asked for")
        try expect(
            accounts.allSatisfy { $0.period.end <= $0.at }, "its period is told to be over",
            saw: "\(accounts)")
        let untouched = Balances(available: 100)
        try expectEqual(try await scenario.balances(subject), untouched, "the new period")
        try await node.giveBack(scenario, subject, lease, 4)
        try await node.use(scenario, lease, 5)
        try expectEqual(try await scenario.balances(subject), untouched, "after use")
        try await node.use(scenario, lease, 7, closing: true)
        try expectEqual(try await scenario.balances(subject), untouched, "after the close")
        try expectEqual(
            Balances(try await scenario.onlyArchive(subject).record.account),
            Balances(posted: 7, available: 93), "the period that was reset has all of it")
        try expectEqual(try await again(scenario, node, subject, 20), .stale, "it is over")
        try await scenario.expectSound()
    }

    private static func archivesUnderLease(_ scenario: Scenario) async throws {
        try scenario.setClock("2026-11-21T23:59:00Z")
        let subject = Subject("acme", .tokens(100, per: .day))
        var node = try await LeasingNode(scenario)
        let lease = try await node.lease(scenario, subject, 20)[0]
        try scenario.setClock("2026-11-22T00:15:00Z")
        _ = try await node.draw(scenario, subject)
        try await scenario.sweep()
        let archive = try await scenario.onlyArchive(subject)
        try expectEqual(
            Balances(archive.record.account), Balances(suspect: 20, available: 80), "the old day")
        if case .granted(_, let accounts) = try await again(scenario, node, subject, 20) {
            try expectEqual(accounts.count, 0, "accounts to spend it in")
        }
        try await node.giveBack(scenario, subject, lease, 20)
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "the new day")
        try await node.use(scenario, lease, 0, closing: true)
        try expectEqual(try await scenario.onlyArchive(subject), archive, "a closed day stays")
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "after the close")
        try await scenario.expectSound()
    }
}
