/// Where the lanes of a tenant begin, by the hash of its id: open addressing with linear probing.
///
/// Different tenants may have one hash; who asks compares the ids.
struct LaneIndex: Sendable {
    private struct Slot {
        /// 0 where there is none.
        var hash: UInt64 = 0
        var head: Int32 = 0
    }

    private var slots = ContiguousArray(repeating: Slot(), count: 16)
    private var count = 0

    private var mask: Int { slots.count - 1 }

    /// The first head under a hash that fits.
    @inline(__always)
    func head(_ hash: UInt64, where fits: (Int32) -> Bool) -> Int32? {
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            if slot.hash == hash, fits(slot.head) { return slot.head }
            if slot.hash == 0 { return nil }
            place = (place + 1) & mask
        }
    }

    /// Adds a head; there is none that fits.
    mutating func insert(_ head: Int32, _ hash: UInt64) {
        if (count + 1) * 2 > slots.count { grow() }
        place(Slot(hash: hash, head: head))
        count += 1
    }

    private mutating func place(_ slot: Slot) {
        var place = Int(truncatingIfNeeded: slot.hash) & mask
        while slots[place].hash != 0 { place = (place + 1) & mask }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = ContiguousArray(repeating: Slot(), count: old.count * 2)
        for slot in old where slot.hash != 0 { place(slot) }
    }

    /// Removes a head that is there, and moves those that were pushed aside back.
    mutating func remove(_ head: Int32, _ hash: UInt64) {
        var hole = Int(truncatingIfNeeded: hash) & mask
        while slots[hole].hash != hash || slots[hole].head != head {
            if slots[hole].hash == 0 { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var place = hole
        while true {
            place = (place + 1) & mask
            let slot = slots[place]
            if slot.hash == 0 { break }
            let home = Int(truncatingIfNeeded: slot.hash) & mask
            // It may fill the hole when its home is not between the hole and its place.
            if (place - home) & mask >= (place - hole) & mask {
                slots[hole] = slot
                hole = place
            }
        }
        slots[hole] = Slot()
    }
}
