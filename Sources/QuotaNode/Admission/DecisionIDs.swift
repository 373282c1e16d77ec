import QuotaModel

/// Ids of decisions, without asking the system for chance each time.
///
/// A counter goes through two keyed rounds of multiplication, so that who sees some ids learns
/// neither how many there are between them nor the next one.
struct DecisionIDs: Sendable {
    private let keys: (UInt64, UInt64, UInt64, UInt64)
    private var counter: UInt64 = 0

    init(random: () -> UInt64) {
        keys = (random() | 1, random() | 1, random() | 1, random() | 1)
    }

    /// The next id: the time in milliseconds, and 80 bits of what looks like chance.
    @inline(__always)
    mutating func next(at now: Timestamp) -> PackedID {
        counter &+= 1
        let inner = TenantHash.mix(counter ^ keys.0, counter &+ keys.1)
        let low = TenantHash.mix(inner ^ keys.2, inner &+ keys.3)
        let high = TenantHash.mix(inner ^ keys.3, low &+ keys.2)
        let time = UInt64(max(0, now.nanoseconds / 1_000_000))
        return PackedID(high: time << 16 | high & 0xFFFF, low: low)
    }
}
