import QuotaEngine
import QuotaLedger
import QuotaModel

// Limits that change while they are used.
extension LedgerCheck {
    static let capacity = [
        LedgerCheck("a raised limit is there at once", raises),
        LedgerCheck("lowering a limit grants nothing and claws nothing back", lowers),
        LedgerCheck("a limit of an older revision changes nothing", staleRevision),
        LedgerCheck("a limit may become unlimited and bounded again", unlimits),
        LedgerCheck("a changed rate keeps what was taken", changesRates),
    ]

    private static func subject(
        _ quantity: Int64?,
        _ revision: Int64,
        per window: Window = .month
    ) -> Subject {
        Subject("acme", .tokens(quantity, per: window), revision: revision)
    }

    private static func raises(_ scenario: Scenario) async throws {
        var scenario = scenario
        try await scenario.consume(subject(10, 1), 10)
        try expect(try await scenario.consume(subject(10, 1), 1) == false, "used up")
        try expectEqual(
            try await scenario.balances(subject(30, 2)), Balances(posted: 10, available: 20),
            "a look sees the new limit")
        try expect(try await scenario.consume(subject(30, 2), 20), "the raise can be used")
        try await scenario.reopen()
        try expectEqual(
            try await scenario.balances(subject(30, 2)), Balances(posted: 30, available: 0),
            "the new limit is kept")
    }

    private static func lowers(_ scenario: Scenario) async throws {
        let old = subject(100, 1)
        let new = subject(20, 2)
        try await scenario.consume(old, 30)
        let reservation = try await scenario.reserve(old, 25)
        try expectEqual(
            try await scenario.balances(new), Balances(posted: 30, held: 25, available: -35),
            "nothing is clawed back")
        try expect(try await scenario.consume(new, 1) == false, "nothing is granted")
        try await scenario.settle(reservation, 25)
        try expect(
            try await scenario.consume(new, 1) == false, "still nothing after the settlement")
        let account = try await scenario.accounts(new)[0]
        try expectEqual(
            Balances(account), Balances(posted: 55, available: -35),
            "admitted: the use and the escrow at the change, and no more")
        try expectEqual(account.capacity, 20, "the capacity")
    }

    private static func staleRevision(_ scenario: Scenario) async throws {
        try await scenario.consume(subject(10, 5), 4)
        try expect(
            try await scenario.consume(subject(1_000, 4), 7) == false,
            "an older revision gets nothing more")
        try expect(
            try await scenario.consume(subject(1_000, 5), 7) == false, "nor does the same one")
        try expect(
            try await scenario.consume(subject(2, 4), 6), "nor does an older one take away")
        let account = try await scenario.accounts(subject(10, 5))[0]
        try expectEqual(account.capacity, 10, "the capacity of the newest revision")
        try expectEqual(account.limitRevision, 5, "the newest revision")
    }

    private static func unlimits(_ scenario: Scenario) async throws {
        try await scenario.consume(subject(10, 1), 10)
        try expect(try await scenario.consume(subject(nil, 2), Amount.maximum), "no bound")
        let unlimited = try await scenario.accounts(subject(nil, 2))[0]
        try expectEqual(unlimited.quantity, nil, "the account says so")
        try expect(try await scenario.consume(subject(20, 3), 1) == false, "a bound again")
        let bounded = try await scenario.accounts(subject(20, 3))[0]
        try expectEqual(
            Balances(bounded),
            Balances(posted: Amount.maximum + 10, available: 10 - Amount.maximum),
            "all use counts")
    }

    private static func changesRates(_ scenario: Scenario) async throws {
        try await scenario.consume(subject(10, 1, per: .minute), 10)
        try expect(
            try await scenario.consume(subject(30, 2, per: .minute), 20),
            "a raised rate gives the difference")
        try expect(
            try await scenario.consume(subject(30, 2, per: .minute), 1) == false,
            "and no more than that")
        try expect(
            try await scenario.consume(subject(5, 3, per: .minute), 1) == false,
            "a lowered rate gives nothing")
    }
}
