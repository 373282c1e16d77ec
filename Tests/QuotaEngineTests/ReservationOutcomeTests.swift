import QuotaEngine
import QuotaModel
import Testing

@Suite("What an event means for a reservation")
struct ReservationOutcomeTests {
    private static let tokens = Meter.aiTokens.id
    private static let calls = Meter.apiCalls.id
    private static let held = [
        Charge(meter: calls, amount: 2), Charge(meter: tokens, amount: 50),
    ]
    private static let used = [
        Charge(meter: calls, amount: 2), Charge(meter: tokens, amount: 7),
    ]
    private static let admittedAt = Timestamp(seconds: 1_000)
    private static let expiresAt = Timestamp(seconds: 1_060)

    private func reservation(
        _ state: Reservation.State,
        onExpiry: Reservation.OnExpiry = .suspect,
        endedByExpiry: Bool = false
    ) -> Reservation {
        Reservation(
            id: ReservationID(trusted: "r_1"), tenant: TenantID(trusted: "acme"), key: .service,
            model: nil, held: Self.held, onExpiry: onExpiry, admittedAt: Self.admittedAt,
            expiresAt: Self.expiresAt, state: state,
            settled: state == .settled ? Self.used : [], endedByExpiry: endedByExpiry)
    }

    struct Row: Sendable {
        let state: Reservation.State
        var endedByExpiry = false
        var onExpiry = Reservation.OnExpiry.suspect
        let event: ReservationEvent
        let result: Result<ReservationAction, ReservationError>
    }

    private static let settle = ReservationEvent.settle([Charge(meter: tokens, amount: 7)])

    static let rows: [Row] = [
        Row(state: .held, event: settle, result: .success(.settle(used))),
        Row(state: .held, event: .void, result: .success(.void)),
        Row(state: .held, event: .expire, result: .success(.suspend)),
        Row(state: .held, onExpiry: .post, event: .expire, result: .success(.settle(held))),
        Row(state: .held, onExpiry: .void, event: .expire, result: .success(.void)),
        Row(
            state: .suspect, endedByExpiry: true, event: settle, result: .success(.settle(used))),
        Row(state: .suspect, endedByExpiry: true, event: .void, result: .success(.void)),
        Row(
            state: .suspect, endedByExpiry: true, event: .expire,
            result: .success(.repeatOutcome)),
        Row(state: .settled, event: settle, result: .success(.repeatOutcome)),
        Row(state: .settled, event: .settle([]), result: .success(.repeatOutcome)),
        Row(state: .settled, event: .void, result: .failure(.alreadySettled)),
        Row(state: .settled, event: .expire, result: .success(.repeatOutcome)),
        Row(state: .voided, event: settle, result: .failure(.alreadyVoided)),
        Row(
            state: .voided, endedByExpiry: true, event: settle, result: .success(.settle(used))),
        Row(state: .voided, event: .void, result: .success(.repeatOutcome)),
        Row(
            state: .voided, endedByExpiry: true, event: .void, result: .success(.confirmVoid)),
        Row(state: .voided, event: .expire, result: .success(.repeatOutcome)),
    ]

    @Test(arguments: rows)
    func follows(_ row: Row) {
        let reservation = reservation(
            row.state, onExpiry: row.onExpiry, endedByExpiry: row.endedByExpiry)
        let result = Result { () throws(ReservationError) in
            try reservation.action(for: row.event, now: Self.expiresAt)
        }
        #expect(result == row.result)
    }

    @Test("the table has every state with every event")
    func tableIsWhole() {
        for state in Reservation.State.allCases {
            #expect(Set(Self.rows.filter { $0.state == state }.map(\.event)).count >= 3)
        }
    }

    @Test("an expiry is due at its instant and not a nanosecond earlier")
    func due() throws {
        let early = Self.expiresAt.adding(nanoseconds: -1)
        #expect(throws: ReservationError.notExpired) {
            try reservation(.held).action(for: .expire, now: early)
        }
        #expect(try reservation(.held).action(for: .expire, now: Self.expiresAt) == .suspend)
    }

    struct Settlement: Sendable {
        let charges: [Charge]
        let result: Result<[Charge], ReservationError>
    }

    @Test(arguments: [
        Settlement(charges: [], result: .success(held)),
        Settlement(
            charges: [Charge(meter: tokens, amount: 0)],
            result: .success([held[0], Charge(meter: tokens, amount: 0)])),
        Settlement(charges: used.reversed(), result: .success(used)),
        Settlement(
            charges: [Charge(meter: tokens, amount: 99)],
            result: .success([held[0], Charge(meter: tokens, amount: 99)])),
        Settlement(
            charges: [Charge(meter: tokens, amount: 3), Charge(meter: tokens, amount: 4)],
            result: .success(used)),
        Settlement(
            charges: [held[0], Charge(meter: Meter.projects.id, amount: 1)],
            result: .failure(.meterNotHeld(index: 1, Meter.projects.id))),
    ])
    func settles(_ row: Settlement) {
        for state in [Reservation.State.held, .suspect] {
            let result = Result { () throws(ReservationError) in
                try reservation(state).action(for: .settle(row.charges), now: Self.admittedAt)
            }
            #expect(result == row.result.map(ReservationAction.settle))
        }
    }

    @Test("a meter that was not held is refused in every state")
    func neverHeld() {
        let charges = [Charge(meter: Meter.projects.id, amount: 1)]
        for state in [Reservation.State.held, .suspect, .settled] {
            #expect(throws: ReservationError.meterNotHeld(index: 0, Meter.projects.id)) {
                try reservation(state).action(for: .settle(charges), now: Self.expiresAt)
            }
        }
    }
}
