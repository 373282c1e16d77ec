import QuotaEngine
import QuotaLedger
import QuotaModel

// Token buckets.
extension LedgerCheck {
    static let rates = [
        LedgerCheck("a bucket admits its burst, then what flows in", burstAndRefill),
        LedgerCheck("the retry time of a rate is exact", exactRetry),
        LedgerCheck("a bucket is kept over a restart", keepsBuckets),
        LedgerCheck("a clock that steps back fills no bucket", stepBackFillsNothing),
        LedgerCheck("what is wanted beyond the burst never passes", beyondTheBurst),
        LedgerCheck("a hold takes tokens once", holdTakesTokens),
        LedgerCheck("use beyond a hold becomes a debt of its rates", overageIsOwed),
    ]

    private static func overageIsOwed(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(60, per: .minute), .tokens(1_000, per: .month))
        let reservation = try await scenario.reserve(subject, 10)
        try await scenario.reopen()
        let ended = try await scenario.settle(reservation, 90)
        try expectEqual(ended.rates, reservation.rates, "a reservation keeps its rates")
        // 60 a minute: 90 are 30 seconds of debt before the first token.
        scenario.clock.advance(by: .seconds(30))
        try expect(try await scenario.consume(subject, 1) == false, "the debt stops the next one")
        try await scenario.settle(reservation, 90)
        scenario.clock.advance(by: .seconds(1))
        try expect(
            try await scenario.consume(subject, 1), "a repeated settlement owes nothing more")
    }

    private static func burstAndRefill(_ scenario: Scenario) async throws {
        let rows: [(limit: Limit, burst: Int, after: Duration, refilled: Int)] = [
            (.tokens(3, per: .second), 3, .milliseconds(334), 1),
            (.tokens(3, per: .second), 3, .seconds(100), 3),
            (.tokens(60, per: .minute), 60, .milliseconds(2_500), 2),
            (.tokens(100, per: .hour), 10, .seconds(72), 2),
            (.tokens(10, per: .second, burst: 2), 2, .milliseconds(150), 1),
            (.tokens(5, per: .minute, burst: 20), 20, .seconds(24), 2),
        ]
        for (index, row) in rows.enumerated() {
            let subject = Subject(tenant: TenantID(trusted: "t\(index)"), limits: [row.limit])
            try expectEqual(
                try await takeAll(scenario, subject), row.burst, "the burst of \(row.limit.name)")
            scenario.clock.advance(by: row.after)
            try expectEqual(
                try await takeAll(scenario, subject), row.refilled,
                "\(row.limit.name) after \(row.after)")
        }
    }

    /// Takes one token after the other until there is none.
    private static func takeAll(_ scenario: Scenario, _ subject: Subject) async throws -> Int {
        var taken = 0
        while taken < 200, try await scenario.consume(subject, 1) { taken += 1 }
        return taken
    }

    private static func exactRetry(_ scenario: Scenario) async throws {
        for (quantity, window) in [(3, Window.second), (7, .minute), (11, .hour)] {
            let limit = Limit.tokens(Int64(quantity), per: window, burst: 5)
            let subject = Subject(tenant: TenantID(trusted: window.rawValue), limits: [limit])
            try await scenario.consume(subject, 5)
            let refused = try await scenario.consume(subject, [Subject.tokens: 2])
            guard let wait = refused.violations.first?.retryAfterNanoseconds else {
                throw ConformanceFailure(
                    promise: "a rate says when to come back", seen: "\(refused)", line: #line)
            }
            scenario.clock.advance(nanoseconds: wait - 1)
            try expect(
                try await scenario.consume(subject, 2) == false,
                "a nanosecond before the retry time it is refused")
            scenario.clock.advance(nanoseconds: 1)
            try expect(try await scenario.consume(subject, 2), "at the retry time it passes")
        }
    }

    private static func keepsBuckets(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject(
            "acme", .tokens(60, per: .minute), .tokens(100, per: .hour, burst: 100))
        try await scenario.consume(subject, 59)
        let states = try await scenario.view(subject).states
        try await scenario.reopen()
        try expectEqual(
            try await scenario.view(subject).states, states, "the buckets after a restart")
        try expect(try await scenario.consume(subject, 2) == false, "no burst by restarting")
        scenario.clock.advance(by: .seconds(1))
        try await scenario.reopen()
        try expect(try await scenario.consume(subject, 2), "what flowed in while it was down")
    }

    private static func stepBackFillsNothing(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .minute))
        try await scenario.consume(subject, 10)
        let emptied = scenario.clock.now
        for _ in 0..<5 {
            scenario.clock.advance(by: .seconds(-3_600))
            try expect(
                try await scenario.consume(subject, 1) == false, "nothing flows in backwards")
            scenario.clock.set(emptied)
            try expect(
                try await scenario.consume(subject, 1) == false,
                "time that was counted is not counted again")
        }
        scenario.clock.advance(by: .seconds(6))
        try expect(try await scenario.consume(subject, 1), "one token flowed in")
        try expect(try await scenario.consume(subject, 1) == false, "and no more")
    }

    private static func beyondTheBurst(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .second))
        let refused = try await scenario.consume(subject, [Subject.tokens: 11])
        try expect(!refused.isAdmitted, "more than the burst is refused")
        try expectEqual(
            refused.violations.map(\.retryAfterNanoseconds), [nil], "waiting does not help")
        let nothing = Subject("zero", .tokens(0, per: .hour))
        try expect(
            try await scenario.consume(nothing, 1) == false, "a rate of nothing admits nothing")
    }

    private static func holdTakesTokens(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .minute), .tokens(100, per: .day))
        let reservation = try await scenario.reserve(subject, 6)
        try expect(try await scenario.consume(subject, 5) == false, "held tokens are taken")
        try expect(try await scenario.consume(subject, 4), "the others are not")
        try await scenario.settle(reservation, 6)
        scenario.clock.advance(by: .seconds(6))
        try expect(try await scenario.consume(subject, 1), "settling as held takes no tokens")
    }
}
