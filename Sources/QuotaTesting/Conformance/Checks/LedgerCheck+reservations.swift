import QuotaEngine
import QuotaLedger
import QuotaModel

// Holding and settling.
extension LedgerCheck {
    static let reservations = [
        LedgerCheck("a hold takes units until it is settled", holdsUnits),
        LedgerCheck("settling books the true use and gives the rest back", settlesTrueUse),
        LedgerCheck("a void gives everything back", voidGivesBack),
        LedgerCheck("a meter that a settlement omits settles as held", omittedMeter),
        LedgerCheck("a meter that was not held is refused", unheldMeter),
        LedgerCheck("a meter named twice in a settlement is summed", sumsMeters),
        LedgerCheck("a reservation comes back as it was made, also after a restart", keepsHolds),
        LedgerCheck("a hold that is asked for again holds once", holdsOnce),
        LedgerCheck("a hold on several limits settles on each", settlesOnEveryLimit),
    ]

    private static func holdsUnits(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let outcome = try await scenario.outcome(
            scenario.command(subject, [Subject.tokens: 60], hold: Hold()))
        guard case .account(let account, _)? = outcome.states.first else {
            throw ConformanceFailure(
                promise: "a state", seen: "\(outcome.states)", line: #line)
        }
        try expectEqual(
            Balances(account), Balances(held: 60, available: 40), "the state after the hold")
        try expect(try await scenario.consume(subject, 41) == false, "held units are taken")
        try expect(try await scenario.consume(subject, 40), "the others are not")
        try expect(try await scenario.events(subject).count == 1, "a hold is not use yet")
        let grants = try await scenario.ledger.unclosedGrants(of: subject.tenant)
        try expectEqual(grants.map(\.grant.size), [60], "the grants that hold units")
        try expectEqual(
            grants.map(\.reservation), [outcome.reservation?.id], "whose they are")
    }

    private static func settlesTrueUse(_ scenario: Scenario) async throws {
        let rows: [(used: Int64, balances: Balances, overage: Int64)] = [
            (0, Balances(available: 100), 0),
            (1, Balances(posted: 1, available: 99), 0),
            (60, Balances(posted: 60, available: 40), 0),
            (75, Balances(posted: 75, available: 25), 15),
            (130, Balances(posted: 130, available: -30), 70),
        ]
        for row in rows {
            let subject = Subject("t\(row.used)", .tokens(100, per: .month))
            let reservation = try await scenario.reserve(subject, 60)
            let ended = try await scenario.settle(reservation, row.used)
            try expectEqual(ended.state, .settled, "the state after settling \(row.used)")
            try expectEqual(ended.settled.map(\.amount), [row.used], "what was settled")
            try expectEqual(
                try await scenario.balances(subject), row.balances,
                "the balances after settling \(row.used) of 60")
            let events = try await scenario.events(subject)
            try expectEqual(
                events.map(\.units), row.used == 0 ? [] : [row.used], "the event's units")
            try expectEqual(
                events.map(\.overage), row.used == 0 ? [] : [row.overage], "the event's overage")
            try expectEqual(
                events.map(\.id), row.used == 0 ? [] : [reservation.id.text], "the event's id")
            let isAdmitted = try await scenario.consume(subject, 1)
            try expectEqual(
                isAdmitted, row.balances.available > 0, "the deficit stops the next admission")
        }
    }

    private static func voidGivesBack(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month), .tokens(80, per: .day))
        let reservation = try await scenario.reserve(subject, 80)
        try expect(try await scenario.consume(subject, 1) == false, "the day is used up")
        let answer = try await scenario.conclude(reservation, .void)
        guard case .done(let ended) = answer, ended.state == .voided else {
            throw ConformanceFailure(
                promise: "a void is accepted", seen: "\(answer)", line: #line)
        }
        try expectEqual(
            try await scenario.accounts(subject).map(Balances.init),
            [Balances(available: 100), Balances(available: 80)], "everything is back")
        try expect(try await scenario.events(subject).isEmpty, "nothing was used")
    }

    private static func omittedMeter(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month), .calls(10, per: .month))
        let reservation = try await scenario.reserve(
            subject, [Subject.tokens: 50, Subject.calls: 2])
        let ended = try await scenario.settle(reservation, 20)
        let settled = ended.settled.map { [$0.meter.text: $0.amount] }
        try expectEqual(
            settled, [["ai_tokens": 20], ["api_calls": 2]], "settled, in the order of what is held")
        try expectEqual(
            try await scenario.accounts(subject).map(Balances.init),
            [Balances(posted: 20, available: 80), Balances(posted: 2, available: 8)],
            "the balances")
    }

    private static func unheldMeter(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month), .calls(10, per: .month))
        let reservation = try await scenario.reserve(subject, 50)
        let states = try await scenario.view(subject).states
        let charges = [
            Charge(meter: Subject.tokens, amount: 1), Charge(meter: Subject.calls, amount: 1),
        ]
        let answer = try await scenario.conclude(reservation, .settle(charges))
        try expectEqual(
            answer, .refused(.meterNotHeld(index: 1, Subject.calls)), "the charge at fault")
        try expectEqual(
            try await scenario.view(subject).states, states, "the states after the refusal")
        try await scenario.settle(reservation, 1)
    }

    private static func sumsMeters(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 50)
        let charges = [
            Charge(meter: Subject.tokens, amount: 3), Charge(meter: Subject.tokens, amount: 4),
        ]
        try await scenario.conclude(reservation, .settle(charges))
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 7, available: 93),
            "no part of the use is lost")
    }

    private static func keepsHolds(_ scenario: Scenario) async throws {
        var scenario = scenario
        var subject = Subject("acme", .tokens(100, per: .month), .calls(10, per: .month))
        subject.key = APIKeyID(trusted: "key-1")
        subject.model = ModelName(trusted: "gpt-small")
        subject.metadata = #"{"trace":"abc"}"#
        let amounts = [Subject.tokens: Int64(50), Subject.calls: 1]
        let made = try await scenario.reserve(
            subject, amounts, Hold(ttlSeconds: 90, onExpiry: .post))
        try expectEqual(made.state, .held, "the state of a new reservation")
        try expectEqual(made.admittedAt, scenario.clock.now, "when it was admitted")
        try expectEqual(
            made.expiresAt, scenario.clock.now.adding(nanoseconds: 90_000_000_000), "its end")
        try expectEqual(
            [made.key.text, made.model?.text, made.metadata],
            ["key-1", "gpt-small", subject.metadata], "its particulars")
        try expectEqual(try await scenario.ledger.reservation(made.id), made, "as it was made")
        try await scenario.reopen()
        try expectEqual(try await scenario.ledger.reservation(made.id), made, "as it was kept")
        let ended = try await scenario.settle(made, 7)
        try await scenario.reopen()
        try expectEqual(try await scenario.ledger.reservation(made.id), ended, "as it ended")
        try expectEqual(
            try await scenario.accounts(subject).map(\.posted), [7, 1], "what was booked")
    }

    private static func holdsOnce(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(100, per: .month))
        let command = scenario.command(subject, [Subject.tokens: 10], hold: Hold())
        for _ in 0..<3 {
            do {
                _ = try await scenario.ledger.admit(command)
            } catch {
                // Refusing an id that is taken is as good as answering as before.
                if error.code == .broken { throw error }
            }
            try expectEqual(
                try await scenario.balances(subject), Balances(held: 10, available: 90),
                "one grant for one id")
            try await scenario.reopen()
        }
    }

    private static func settlesOnEveryLimit(_ scenario: Scenario) async throws {
        let subject = Subject(
            "acme", .tokens(100, per: .month), .tokens(90, per: .day),
            .tokens(20, per: .lifetime, mode: .shadow), .tokens(nil, per: .year))
        let reservation = try await scenario.reserve(subject, 30)
        let held = try await scenario.accounts(subject)
        try expectEqual(held.map(\.escrowed), [30, 30, 30, 30], "held on every limit")
        try await scenario.settle(reservation, 95)
        let accounts = try await scenario.accounts(subject)
        try expectEqual(accounts.map(\.posted), [95, 95, 95, 95], "posted on every limit")
        try expectEqual(accounts.map(\.escrowed), [0, 0, 0, 0], "nothing is held")
        try expectEqual(
            accounts.prefix(3).map(\.available), [5, -5, -75], "available on every limit")
        let events = try await scenario.events(subject)
        try expectEqual(events.map(\.units), [95], "one event")
    }
}
