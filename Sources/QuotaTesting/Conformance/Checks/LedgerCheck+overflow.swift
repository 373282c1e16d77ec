import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// The ends of the range: an answer, never a trap.
extension LedgerCheck {
    static let overflow = [
        LedgerCheck("settlements without end run out of range and change nothing", settlesEnd),
        LedgerCheck("an unlimited budget runs out of range and never refuses", unlimitedEnds),
        LedgerCheck("a day's sum over several accounts does not run over", dailySumEnds),
        LedgerCheck("amounts that are none are refused whole", strangeAmounts),
    ]

    /// Holds one token and settles as much as an amount can say, many times.
    private static func settleLargest(
        _ scenario: Scenario,
        _ subject: Subject,
        times: Int
    ) async throws -> [ConcludeAnswer] {
        let largest = [Charge(meter: Subject.tokens, amount: Amount.maximum)]
        var answers: [ConcludeAnswer] = []
        for _ in 0..<times / 64 {
            let commands = (0..<64)
                .flatMap { _ in
                    let command = scenario.command(
                        subject, [Subject.tokens: 1], hold: Hold(), isEnforced: false)
                    let end = ConcludeCommand(
                        reservation: command.hold?.id ?? ReservationID(trusted: ""),
                        tenant: subject.tenant, event: .settle(largest),
                    )
                    return [LedgerCommand.admit(command), .conclude(end)]
                }
            for answer in try await scenario.ledger.commit(commands) {
                if case .concluded(let answer) = answer { answers.append(answer) }
            }
        }
        return answers
    }

    private static func settlesEnd(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(10, per: .month), .tokens(nil, per: .year))
        let answers = try await settleLargest(scenario, subject, times: 1_088)
        let done =
            answers.prefix {
                if case .done = $0 { true } else { false }
            }
            .count
        try expectEqual(done, 1_024, "settlements of 2^53 - 1 that fit")
        try expect(
            answers.dropFirst(done).allSatisfy { $0 == .outOfRange },
            "the others are out of range", saw: "\(answers.dropFirst(done).first.debugDescription)")
        let accounts = try await scenario.accounts(subject)
        try expectEqual(
            accounts.map(\.posted), [1_024 * Amount.maximum, 1_024 * Amount.maximum], "posted")
        try expect(accounts.allSatisfy(\.isConserved), "accounts are conserved")
        let other = Subject("other", .tokens(10, per: .month))
        try expect(try await scenario.consume(other, 1), "other tenants go on")
    }

    private static func unlimitedEnds(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(nil, per: .month))
        var admitted = 0
        for _ in 0..<17 {
            let commands = (0..<64)
                .map { _ in
                    LedgerCommand.admit(scenario.command(subject, [Subject.tokens: Amount.maximum]))
                }
            for answer in try await scenario.ledger.commit(commands) {
                switch answer {
                case .admitted(.decided(let outcome, _)):
                    try expect(
                        outcome.isAdmitted, "no quota refuses where there is none",
                        saw: "a refusal after \(admitted) admissions")
                    admitted += 1
                case .admitted(.outOfRange): break
                default: try expect(false, "a decision", saw: "\(answer)")
                }
            }
        }
        try expectEqual(
            try await scenario.balances(subject).posted, Int64(admitted) * Amount.maximum,
            "what was admitted is posted")
    }

    private static func dailySumEnds(_ scenario: Scenario) async throws {
        // Two billing days within one UTC date, each of them nearly as large as a sum can be.
        let tokyo = try scenario.instant("2026-11-21T14:59:59Z")
        scenario.clock.set(tokyo)
        var subject = Subject("acme", .tokens(10, per: .day))
        subject.calendar = TenantCalendar(zone: try ZoneRules("Asia/Tokyo"))
        for _ in 0..<2 {
            _ = try await settleLargest(scenario, subject, times: 1_024)
            scenario.clock.advance(by: .seconds(1))
        }
        let rows = try await scenario.ledger.usage(
            of: Subject.tokens, on: tokyo.date, page: UsagePage(limit: 1))
        try expect(
            rows.first.map { $0.units >= 1_024 * Amount.maximum } ?? false,
            "the day's sum stays large", saw: "\(rows)")
        let other = Subject("other", .tokens(10, per: .month))
        try expect(try await scenario.consume(other, 1), "other tenants go on")
    }

    private static func strangeAmounts(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 10)
        let states = try await scenario.view(subject).states
        for amount in [-1, Int64.min] {
            let charges = [Charge(meter: Subject.tokens, amount: amount)]
            try expectEqual(
                try await scenario.conclude(reservation, .settle(charges)), .outOfRange,
                "the answer to settling \(amount)")
            try expectEqual(
                try await scenario.view(subject).states, states, "the states after \(amount)")
        }
        let kept = try await scenario.ledger.reservation(reservation.id)
        try expectEqual(kept?.state, .held, "the reservation's state")
        try await scenario.settle(reservation, 1)
        for amount in [-1, Int64.min] {
            let command = scenario.command(subject, [Subject.tokens: amount])
            let answer = try await scenario.ledger.admit(command)
            if case .decided(let outcome, _) = answer {
                try expect(!outcome.isAdmitted, "\(amount) units are not given")
            }
        }
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 1, available: 99),
            "the balances after strange amounts")
    }
}
