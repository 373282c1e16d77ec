import QuotaEngine
import QuotaLedger
import QuotaModel

// Reservations whose holder fell silent.
extension LedgerCheck {
    static let expiry = [
        LedgerCheck("when time passes a hold ends as it was told", endsAsTold),
        LedgerCheck("suspect units count and are not billed", suspectCounts),
        LedgerCheck("late word about a suspect hold is accepted", lateAfterSuspect),
        LedgerCheck("use that is known after a void by expiry is not lost", lateAfterVoid),
        LedgerCheck("a void that is said after a void by expiry stands", voidAfterVoid),
        LedgerCheck("use that is known after a posting by expiry answers as booked", lateAfterPost),
        LedgerCheck("expiry is found after a restart", expiresAfterRestart),
    ]

    private static func endsAsTold(_ scenario: Scenario) async throws {
        let rows: [(onExpiry: Reservation.OnExpiry, state: Reservation.State, balances: Balances)] =
            [
                (.suspect, .suspect, Balances(suspect: 30, available: 70)),
                (.post, .settled, Balances(posted: 30, available: 70)),
                (.void, .voided, Balances(available: 100)),
            ]
        for row in rows {
            let subject = Subject(row.onExpiry.rawValue, .tokens(100, per: .month))
            let reservation = try await scenario.reserve(
                subject, 30, Hold(ttlSeconds: 60, onExpiry: row.onExpiry))
            scenario.clock.advance(by: .seconds(59))
            try await scenario.sweep()
            try expectEqual(
                try await scenario.balances(subject), Balances(held: 30, available: 70),
                "before its time nothing happens")
            scenario.clock.advance(by: .seconds(1))
            let swept = try await scenario.sweep()
            try expectEqual(swept.expiredReservations, 1, "reservations that ended by time")
            try expectEqual(
                try await scenario.balances(subject), row.balances, "on expiry \(row.onExpiry)")
            let ended = try await scenario.ledger.reservation(reservation.id)
            try expectEqual(ended?.state, row.state, "the state on expiry \(row.onExpiry)")
            try expectEqual(ended?.endedByExpiry, true, "it says that time ended it")
            try expectEqual(
                try await scenario.sweep().expiredReservations, 0, "it ends only once")
            try expectEqual(
                try await scenario.events(subject).map(\.units),
                row.onExpiry == .post ? [30] : [], "events on expiry \(row.onExpiry)")
        }
    }

    private static func suspectCounts(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        _ = try await scenario.reserve(subject, 100)
        scenario.clock.advance(by: .seconds(3_600))
        try await scenario.sweep()
        try expect(
            try await scenario.consume(subject, 1) == false, "suspect units are not given again")
        try expect(try await scenario.events(subject).isEmpty, "suspect units are not billed")
        let grants = try await scenario.ledger.unclosedGrants(of: subject.tenant)
        try expectEqual(grants.map(\.grant.state), [.suspect], "the grant's state")
    }

    private static func lateAfterSuspect(_ scenario: Scenario) async throws {
        let rows: [(used: Int64?, balances: Balances)] = [
            (nil, Balances(available: 100)), (0, Balances(available: 100)),
            (10, Balances(posted: 10, available: 90)),
            (30, Balances(posted: 30, available: 70)),
            (45, Balances(posted: 45, available: 55)),
        ]
        for (index, row) in rows.enumerated() {
            let subject = Subject("t\(index)", .tokens(100, per: .month))
            let reservation = try await scenario.reserve(subject, 30)
            scenario.clock.advance(by: .seconds(61))
            try await scenario.sweep()
            let event =
                row.used.map { used in
                    ReservationEvent.settle([Charge(meter: Subject.tokens, amount: used)])
                } ?? .void
            let answer = try await scenario.conclude(reservation, event)
            guard case .done(let ended) = answer else {
                throw ConformanceFailure(
                    promise: "late word is accepted", seen: "\(answer)", line: #line)
            }
            try expectEqual(ended.endedByExpiry, false, "the holder ended it after all")
            try expectEqual(
                try await scenario.balances(subject), row.balances, "after the late \(event)")
            try expectEqual(
                try await scenario.conclude(reservation, event), answer, "the repeated answer")
            try expectEqual(
                try await scenario.balances(subject), row.balances, "after its repetition")
        }
    }

    private static func lateAfterVoid(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 30, Hold(onExpiry: .void))
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        try await scenario.consume(subject, 90)
        try await scenario.settle(reservation, 25)
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 115, available: -15),
            "the late use is booked, beyond the limit if need be")
        let event = try await scenario.events(subject).first { $0.id == reservation.id.text }
        try expectEqual(event?.units, 25, "its event")
        try await scenario.settle(reservation, 25)
        try expectEqual(try await scenario.balances(subject).posted, 115, "it is booked once")
        try expectEqual(
            try await scenario.conclude(reservation, .void), .refused(.alreadySettled),
            "a void after it")
    }

    private static func voidAfterVoid(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 30, Hold(onExpiry: .void))
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        let answer = try await scenario.conclude(reservation, .void)
        guard case .done(let ended) = answer else {
            throw ConformanceFailure(
                promise: "the holder may say the same", seen: "\(answer)", line: #line)
        }
        try expectEqual(ended.endedByExpiry, false, "the holder ended it after all")
        try expectEqual(
            try await scenario.conclude(reservation, .void), answer, "the repeated answer")
        let use = ReservationEvent.settle([Charge(meter: Subject.tokens, amount: 25)])
        try expectEqual(
            try await scenario.conclude(reservation, use), .refused(.alreadyVoided),
            "a settlement after it")
        try expectEqual(
            try await scenario.balances(subject), Balances(available: 100), "nothing was used")
    }

    private static func lateAfterPost(_ scenario: Scenario) async throws {
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 30, Hold(onExpiry: .post))
        scenario.clock.advance(by: .seconds(61))
        try await scenario.sweep()
        let ended = try await scenario.settle(reservation, 30)
        try expectEqual(ended.settled.map(\.amount), [30], "the answer names what was booked")
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 30, available: 70),
            "the use is booked once")
        try expectEqual(
            try await scenario.conclude(reservation, .void), .refused(.alreadySettled),
            "a void after it")
    }

    private static func expiresAfterRestart(_ scenario: Scenario) async throws {
        var scenario = scenario
        let subject = Subject("acme", .tokens(100, per: .month))
        let reservation = try await scenario.reserve(subject, 30)
        scenario.clock.advance(by: .seconds(61))
        try await scenario.reopen()
        try expectEqual(try await scenario.sweep().expiredReservations, 1, "ended by time")
        try await scenario.reopen()
        try await scenario.settle(reservation, 12)
        try await scenario.reopen()
        try expectEqual(
            try await scenario.balances(subject), Balances(posted: 12, available: 88),
            "the late settlement")
    }
}
