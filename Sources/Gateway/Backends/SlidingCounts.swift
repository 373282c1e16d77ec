import QuotaModel

/// Two counts over the last ten seconds, forgotten a tenth at a time.
struct SlidingCounts: Sendable {
    /// In how many slots the time is counted.
    private static let slots = 10
    /// How long a slot is.
    private static let slotNanoseconds: Int64 = 1_000_000_000
    /// The time that is counted, of which the last slot is begun.
    static var nanoseconds: Int64 { Int64(slots) * slotNanoseconds }

    private struct Slot {
        var first: Int64 = 0
        var second: Int64 = 0
    }

    private var slots = Array(repeating: Slot(), count: slots)
    private var newest: Int64?
    /// The sum of the first count over all slots.
    private(set) var first: Int64 = 0
    /// The sum of the second count over all slots.
    private(set) var second: Int64 = 0

    /// Forgets what is too old; a clock that steps back changes nothing.
    mutating func advance(to now: Timestamp) {
        let slot = now.nanoseconds.flooredDivision(by: Self.slotNanoseconds)
        guard let newest else {
            self.newest = slot
            return
        }
        // Slot numbers are far from the ends of the range.
        let passed = slot - newest
        guard passed > 0 else { return }
        self.newest = slot
        guard passed < Self.slots else { return clear() }
        for step in 1...passed {
            let index = Self.index(newest + step)
            first -= slots[index].first
            second -= slots[index].second
            slots[index] = Slot()
        }
    }

    /// Counts at the present, as of the last ``advance(to:)``.
    mutating func add(first: Int64 = 0, second: Int64 = 0) {
        guard let newest else { return }
        let index = Self.index(newest)
        slots[index].first += first
        slots[index].second += second
        self.first += first
        self.second += second
    }

    /// Forgets everything that was counted.
    mutating func clear() {
        for index in slots.indices { slots[index] = Slot() }
        first = 0
        second = 0
    }

    private static func index(_ slot: Int64) -> Int {
        let remainder = Int(slot % Int64(slots))
        return remainder < 0 ? remainder + slots : remainder
    }
}
