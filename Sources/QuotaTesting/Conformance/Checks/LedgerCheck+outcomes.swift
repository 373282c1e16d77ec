import QuotaEngine
import QuotaLedger
import QuotaModel

// Which end of a reservation stands.
extension LedgerCheck {
    static let outcomes = [
        LedgerCheck("the first outcome stands and a repeat of it answers the same", firstStands),
        LedgerCheck("an expiry that is not due is refused", notDue),
        LedgerCheck("a foreign reservation looks like a missing one", foreignLooksMissing),
        LedgerCheck("many ends at once are one", concurrentEnds),
    ]

    private static func firstStands(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let settled = try await scenario.reserve(subject, 10)
        let ended = try await scenario.settle(settled, 4)
        let voided = try await scenario.reserve(subject, 10)
        guard case .done(let gone) = try await scenario.conclude(voided, .void) else {
            throw ConformanceFailure(promise: "a void is accepted", seen: "not", line: #line)
        }
        let states = try await scenario.view(subject).states
        let nine = [Charge(meter: Subject.tokens, amount: 9)]
        let rows: [(reservation: Reservation, event: ReservationEvent, answer: ConcludeAnswer)] = [
            (settled, .settle([Charge(meter: Subject.tokens, amount: 4)]), .done(ended)),
            (settled, .settle(nine), .done(ended)),
            (settled, .settle([]), .done(ended)),
            (settled, .void, .refused(.alreadySettled)),
            (voided, .void, .done(gone)),
            (voided, .settle(nine), .refused(.alreadyVoided)),
        ]
        for row in rows + rows {
            let answer = try await scenario.conclude(row.reservation, row.event)
            try expectEqual(answer, row.answer, "the answer to \(row.event)")
            try expectEqual(
                try await scenario.view(subject).states, states, "the states after \(row.event)")
        }
        try expectEqual(try await scenario.events(subject).map(\.units), [4], "the events")
    }

    private static func notDue(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 10, Hold(ttlSeconds: 60))
        scenario.clock.advance(nanoseconds: 59_999_999_999)
        try expectEqual(
            try await scenario.conclude(reservation, .expire), .refused(.notExpired),
            "an expiry a nanosecond too early")
        try expectEqual(try await scenario.balances(subject).held, 10, "still held")
        scenario.clock.advance(nanoseconds: 1)
        guard case .done(let ended) = try await scenario.conclude(reservation, .expire) else {
            throw ConformanceFailure(promise: "an expiry is due", seen: "not", line: #line)
        }
        try expectEqual(ended.state, .suspect, "the state after the expiry")
        try expect(ended.endedByExpiry, "it says that time ended it")
    }

    private static func foreignLooksMissing(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 10)
        let missing = Reservation(
            id: ReservationID(trusted: "r_missing"), tenant: subject.tenant, key: .service,
            model: nil, held: [], onExpiry: .void, admittedAt: scenario.clock.now,
            expiresAt: scenario.clock.now)
        let other = TenantID(trusted: "other")
        for event in [ReservationEvent.settle([]), .void, .expire] {
            try expectEqual(
                try await scenario.conclude(reservation, event, by: other), .notFound,
                "the answer to another tenant")
            try expectEqual(
                try await scenario.conclude(missing, event), .notFound,
                "the answer for a missing one")
        }
        try expectEqual(try await scenario.balances(subject).held, 10, "still held")
        try expect(
            try await scenario.ledger.reservation(missing.id) == nil, "a missing one is nil")
        let anyones = ConcludeCommand(
            reservation: reservation.id, tenant: nil, event: .void,
        )
        guard case .done = try await scenario.ledger.conclude(anyones) else {
            throw ConformanceFailure(
                promise: "no tenant means any", seen: "a refusal", line: #line)
        }
    }

    private static func concurrentEnds(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 10)
        let settles = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<16 {
                group.addTask {
                    let charge = Charge(meter: Subject.tokens, amount: Int64(index))
                    let event: ReservationEvent = index % 2 == 0 ? .void : .settle([charge])
                    let answer = try await scenario.conclude(reservation, event)
                    if case .done(let ended) = answer { return ended.state == .settled }
                    return index % 2 == 0
                }
            }
            var settles = 0
            for try await isSettled in group where isSettled { settles += 1 }
            return settles
        }
        try expect(settles == 0 || settles == 16, "all hear of one outcome", saw: "\(settles)")
        let ended = try await scenario.ledger.reservation(reservation.id)
        let posted = ended?.settled.first?.amount ?? 0
        try expectEqual(
            try await scenario.balances(subject),
            Balances(posted: posted, available: 100 - posted), "one end is booked")
    }
}
