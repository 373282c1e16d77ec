/// Where the lanes of a tenant begin, by the hash of its id: open addressing with linear probing.
///
/// Different tenants may have one hash; who asks compares the ids. Only the lower half of a hash
/// counts: the upper one has chosen the shard.
struct LaneIndex: Sendable {
    private struct Slot {
        var hash: UInt32 = 0
        /// -1 where there is none.
        var head: Int32 = -1
    }

    private var slots = ContiguousArray(repeating: Slot(), count: 16)
    private var count = 0

    private var mask: Int { slots.count - 1 }

    /// The first head under a hash that fits.
    @inline(__always)
    func head(_ hash: UInt64, where fits: (Int32) -> Bool) -> Int32? {
        let hash = UInt32(truncatingIfNeeded: hash)
        var place = Int(hash) & mask
        while true {
            let slot = slots[place]
            if slot.head < 0 { return nil }
            if slot.hash == hash, fits(slot.head) { return slot.head }
            place = (place + 1) & mask
        }
    }

    /// All heads.
    var heads: [Int32] { slots.lazy.map(\.head).filter { $0 >= 0 } }

    /// Adds a head; there is none that fits.
    mutating func insert(_ head: Int32, _ hash: UInt64) {
        // At most three of four: those that are looked for are mostly there.
        if (count + 1) * 4 > slots.count * 3 { grow() }
        place(Slot(hash: UInt32(truncatingIfNeeded: hash), head: head))
        count += 1
    }

    private mutating func place(_ slot: Slot) {
        var place = Int(slot.hash) & mask
        while slots[place].head >= 0 { place = (place + 1) & mask }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = ContiguousArray(repeating: Slot(), count: old.count * 2)
        for slot in old where slot.head >= 0 { place(slot) }
    }

    /// Removes a head that is there, and moves those that were pushed aside back.
    mutating func remove(_ head: Int32, _ hash: UInt64) {
        var hole = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while slots[hole].head != head {
            if slots[hole].head < 0 { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        var place = hole
        while true {
            place = (place + 1) & mask
            let slot = slots[place]
            if slot.head < 0 { break }
            let home = Int(slot.hash) & mask
            // It may fill the hole when its home is not between the hole and its place.
            if (place - home) & mask >= (place - hole) & mask {
                slots[hole] = slot
                hole = place
            }
        }
        slots[hole] = Slot()
    }
}
