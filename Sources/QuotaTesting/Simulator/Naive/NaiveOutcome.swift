import QuotaEngine
import QuotaModel

/// How far units that were given to one request have come, as the rules for reservations say.
///
/// Written from the specification, apart from the code that it judges.
struct NaiveOutcome: Equatable {
    /// Held, settled, voided or suspect; use that is booked at once is settled from the first.
    var state: Reservation.State
    /// What was used, as far as that was said.
    var used: [MeterID: Int64] = [:]
    /// Whether time ended it.
    var endedByExpiry = false
    /// Whether it was ever given back: what is used of it after that is an overage.
    var wasVoided = false

    /// Whether somebody has said what was used of all of it.
    var isEnded: Bool { state == .settled || state == .voided }

    /// What was used, as far as anybody can say: all of it while it is held.
    func units(of meter: MeterID, held: [MeterID: Int64]) -> Int64 {
        used[meter] ?? (isEnded ? 0 : held[meter] ?? 0)
    }

    /// Takes in what a client, or the clock, says.
    ///
    /// - Returns: false when it can't be taken, because the contrary was said before.
    mutating func end(
        _ event: ReservationEvent,
        held: [MeterID: Int64],
        onExpiry: Reservation.OnExpiry
    ) -> Bool {
        switch event {
        case .settle(let charges): return settle(charges, held)
        case .void: return void(held)
        case .expire:
            if state != .held { return true }
            endedByExpiry = true
            switch onExpiry {
            case .suspect: state = .suspect
            case .post:
                // What was resolved by hand stands.
                used.merge(held) { said, _ in said }
                state = .settled
            case .void:
                if !used.isEmpty {
                    _ = settleRest(held)
                    endedByExpiry = true
                } else {
                    (state, wasVoided) = (.voided, true)
                }
            }
            return true
        }
    }

    private mutating func settle(_ charges: [Charge], _ held: [MeterID: Int64]) -> Bool {
        if charges.contains(where: { held[$0.meter] == nil }) { return false }
        if state == .settled { return true }
        if state == .voided, !endedByExpiry { return false }
        for (meter, units) in held where used[meter] == nil {
            let said = charges.filter { $0.meter == meter }
            used[meter] = said.isEmpty ? units : said.map(\.amount).reduce(0, +)
        }
        (state, endedByExpiry) = (.settled, false)
        return true
    }

    private mutating func void(_ held: [MeterID: Int64]) -> Bool {
        switch state {
        case .settled: return false
        case .voided: endedByExpiry = false
        case .held, .suspect:
            if !used.isEmpty { return settleRest(held) }
            (state, endedByExpiry, wasVoided) = (.voided, false, true)
        }
        return true
    }

    /// A part was resolved by hand, and that stands.
    private mutating func settleRest(_ held: [MeterID: Int64]) -> Bool {
        for meter in held.keys where used[meter] == nil { used[meter] = 0 }
        (state, endedByExpiry) = (.settled, false)
        return true
    }

    /// An operator says what was used of one meter.
    mutating func resolve(_ meter: MeterID, units: Int64, held: [MeterID: Int64]) {
        used[meter] = units
        if used.count == held.count { state = .settled }
    }
}
