/// Lets unused lots pass into the next period until there is no more room.
struct RolloverSieve {
    /// Units that may still pass; nil for any number.
    private var room: Int64?
    private let isForfeit: Bool
    /// What passed, one period older, in the order it came.
    private(set) var carried: [CarriedLot] = []
    /// What did not, in the order it came.
    private(set) var expired: [RolloverOutcome.Expiry] = []

    init(room: Int64?, isForfeit: Bool) {
        self.room = room
        self.isForfeit = isForfeit
    }

    /// Carries as much of a lot as may be and lets the rest expire.
    mutating func add(_ lot: CarriedLot?) {
        guard let lot else { return }
        if isForfeit {
            expire(lot.units, of: lot.originIndex, because: .planChange)
        } else if lot.isAtMaximumAge {
            expire(lot.units, of: lot.originIndex, because: .age)
        } else {
            let passing = min(lot.units, room ?? lot.units)
            room = room.map { $0 - passing }
            if passing > 0 { carried.append(lot.with(units: passing, age: lot.age + 1)) }
            expire(lot.units - passing, of: lot.originIndex, because: .cap)
        }
    }

    /// Notes that units expired, if there are any.
    mutating func expire(
        _ units: Int64,
        of originIndex: Int64,
        because reason: RolloverOutcome.Reason
    ) {
        guard units > 0 else { return }
        expired.append(.init(originIndex: originIndex, units: units, reason: reason))
    }
}
