public import QuotaModel

/// What a holder, or the clock, says about a reservation.
public enum ReservationEvent: Hashable, Sendable {
    /// The true use, by meter; a held meter that is missing settles as held.
    case settle([Charge])
    /// Nothing was used.
    case void
    /// The time to live has passed.
    case expire
}

/// What follows from an event.
public enum ReservationAction: Hashable, Sendable {
    /// Book these charges (in the order of `held`) and give the rest back.
    case settle([Charge])
    /// Give everything back.
    case void
    /// Let what is held become suspect.
    case suspend
    /// Time had given everything back, and now the holder says the same: that stands.
    case confirmVoid
    /// The outcome stands already; answer as before.
    case repeatOutcome
}

/// Why an event can't be taken.
public enum ReservationError: Error, Hashable, Sendable {
    /// The reservation was settled before.
    case alreadySettled
    /// The reservation was voided before.
    case alreadyVoided
    /// A meter that was not held, by its place among the charges.
    case meterNotHeld(index: Int, MeterID)
    /// The time to live has not passed.
    case notExpired
    /// So much was used that a balance would leave its range.
    case outOfRange
}

extension Reservation {
    /// Decides what an event means for this reservation; the first outcome stands.
    public func action(
        for event: ReservationEvent,
        now: Timestamp
    ) throws(ReservationError) -> ReservationAction {
        switch (event, state) {
        case (.settle(let charges), .held), (.settle(let charges), .suspect):
            return .settle(try settlement(charges))
        case (.settle(let charges), .voided):
            // Voided by the clock, and now true use is known: it must not be lost.
            guard endedByExpiry else { throw .alreadyVoided }
            return .settle(try settlement(charges))
        case (.settle(let charges), .settled):
            _ = try settlement(charges)
            return .repeatOutcome
        case (.void, .held), (.void, .suspect):
            return .void
        case (.void, .voided):
            return endedByExpiry ? .confirmVoid : .repeatOutcome
        case (.void, .settled):
            throw .alreadySettled
        case (.expire, .held):
            guard expiresAt <= now else { throw .notExpired }
            switch onExpiry {
            case .suspect: return .suspend
            case .post: return .settle(held)
            case .void: return .void
            }
        case (.expire, .suspect), (.expire, .settled), (.expire, .voided):
            return .repeatOutcome
        }
    }

    /// The charges to book, one for each held meter, in the order of `held`.
    private func settlement(_ charges: [Charge]) throws(ReservationError) -> [Charge] {
        for (index, charge) in charges.enumerated()
        where !held.contains(where: { $0.meter == charge.meter }) {
            throw .meterNotHeld(index: index, charge.meter)
        }
        return held.map { hold in
            let named = charges.filter { $0.meter == hold.meter }
            if named.isEmpty { return hold }
            // A sum out of range stays out of range: its posting will refuse it.
            let sum = named.reduce(0 as Int64) { sum, charge in
                let (next, overflow) = sum.addingReportingOverflow(charge.amount)
                return overflow ? .max : next
            }
            return Charge(meter: hold.meter, amount: sum)
        }
    }
}
