import QuotaEngine
import QuotaModel

/// How much the open reservations of a tenant hold at once, by meter: in all, and of each key and
/// model.
///
/// Follows from the holds alone, so that nothing can leak: whatever ends a hold ends what it
/// counts.
struct HeldSlots: Hashable, Sendable {
    /// What is counted together.
    private struct Key: Hashable {
        let meter: MeterID
        var key: APIKeyID?
        var model: ModelName?
    }

    /// As many as there are meters, keys and models that something is held for.
    private var units: [Key: Int64] = [:]

    init() {}

    /// What holds come to, counted anew.
    init(_ holds: some Sequence<Hold>) {
        for hold in holds { add(hold.reservation.held, of: hold.reservation, sign: 1) }
    }

    /// What a limit counts.
    ///
    /// - Parameters:
    ///   - limit: a limit of what is held at once.
    ///   - key: the key that asks.
    /// - Returns: the units.
    func held(_ limit: Limit, key: APIKeyID) -> Int64 {
        let slot =
            switch limit.scope {
            case .tenant, .organization: Key(meter: limit.meter)
            case .key(let own): Key(meter: limit.meter, key: own ?? key)
            case .model(let model): Key(meter: limit.meter, model: model)
            }
        return units[slot] ?? 0
    }

    /// Takes in that a reservation holds more, or less.
    mutating func add(_ charges: [Charge], of reservation: Reservation, sign: Int64) {
        for charge in charges where charge.amount > 0 {
            add(sign * charge.amount, Key(meter: charge.meter))
            add(sign * charge.amount, Key(meter: charge.meter, key: reservation.key))
            if let model = reservation.model {
                add(sign * charge.amount, Key(meter: charge.meter, model: model))
            }
        }
    }

    private mutating func add(_ change: Int64, _ key: Key) {
        let sum = (units[key] ?? 0).addingReportingOverflow(change)
        assert(!sum.overflow && sum.partialValue >= 0, "no more ends than was held")
        units[key] = sum.partialValue == 0 ? nil : sum.partialValue
    }
}

// Open reservations, with what they hold at once.
extension LeaseTable.TenantState {
    /// Counts what is held at once from now on, where one of the limits asks for it.
    mutating func countSlots(for demands: [Demand]) {
        guard slots == nil,
            demands.contains(where: { $0.limit.limit.window.kind == .concurrency })
        else { return }
        slots = HeldSlots(holds.values)
    }

    /// Keeps a reservation that has begun.
    mutating func insert(_ hold: Hold) {
        slots?.add(hold.reservation.held, of: hold.reservation, sign: 1)
        holds[hold.reservation.id] = hold
        assertSlots()
    }

    /// Forgets a reservation that has ended.
    mutating func removeHold(_ id: ReservationID) -> Hold? {
        guard let hold = holds.removeValue(forKey: id) else { return nil }
        slots?.add(hold.reservation.held, of: hold.reservation, sign: -1)
        assertSlots()
        return hold
    }

    /// Lets a reservation hold more.
    ///
    /// - Returns: the reservation as it is then; nil when it has ended.
    mutating func grow(by extended: HoldExtension) -> Reservation? {
        guard var hold = holds.removeValue(forKey: extended.id) else { return nil }
        hold.grow(by: extended)
        slots?.add(extended.added, of: hold.reservation, sign: 1)
        holds[extended.id] = hold
        assertSlots()
        return hold.reservation
    }

    /// Takes the last extension of a reservation back.
    mutating func shrink(by extended: HoldExtension) {
        guard var hold = holds.removeValue(forKey: extended.id) else { return }
        hold.shrink(by: extended)
        slots?.add(extended.added, of: hold.reservation, sign: -1)
        holds[extended.id] = hold
        assertSlots()
    }

    private func assertSlots() {
        // Counting takes as long as there are holds.
        assert(
            slots == nil || holds.count > Self.maximumCounted || slots == HeldSlots(holds.values),
            "what is held at once is the sum over the holds")
    }

    /// The most holds that debug builds count after each change.
    private static var maximumCounted: Int { 256 }
}
