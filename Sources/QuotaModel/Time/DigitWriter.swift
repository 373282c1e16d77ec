/// Writes fixed-width ASCII fields, as dates and times are written, at a place in memory.
///
/// Whoever makes one has made room for all that is written.
struct DigitWriter {
    private(set) var next: UnsafeMutablePointer<UInt8>

    init(_ start: UnsafeMutablePointer<UInt8>) {
        next = start
    }

    mutating func put(_ text: StaticString) {
        next.initialize(from: text.utf8Start, count: text.utf8CodeUnitCount)
        next += text.utf8CodeUnitCount
    }

    /// Two digits.
    mutating func put(pair value: UInt32) {
        next[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
        next[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
        next += 2
    }

    /// `2026-11-21`.
    mutating func put(_ date: CivilDate) {
        let year = UInt32(truncatingIfNeeded: date.year)
        put(pair: year / 100)
        put(pair: year % 100)
        put("-")
        put(pair: UInt32(truncatingIfNeeded: date.month))
        put("-")
        put(pair: UInt32(truncatingIfNeeded: date.day))
    }

    /// `T10:00:00`.
    mutating func put(secondOfDay: UInt32) {
        put("T")
        put(pair: secondOfDay / 3_600)
        put(":")
        put(pair: secondOfDay / 60 % 60)
        put(":")
        put(pair: secondOfDay % 60)
    }

    /// `.123`: 3, 6 or 9 digits of nanoseconds, and nothing at all when there are none.
    mutating func put(fraction nanoseconds: UInt32) {
        if nanoseconds == 0 { return }
        put(".")
        put(triple: nanoseconds / 1_000_000)
        let microseconds = nanoseconds / 1_000
        if microseconds * 1_000 == nanoseconds, microseconds % 1_000 == 0 { return }
        put(triple: microseconds % 1_000)
        if nanoseconds % 1_000 > 0 { put(triple: nanoseconds % 1_000) }
    }

    private mutating func put(triple value: UInt32) {
        next[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 100)
        next += 1
        put(pair: value % 100)
    }
}
