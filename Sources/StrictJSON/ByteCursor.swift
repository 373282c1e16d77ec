/// A place in memory at which bytes are written one after the other.
///
/// Whoever makes one has made room for all that is written: nothing is checked here, because every
/// byte of every answer goes through it. Other modules get one from ``JSONWriter/raw(upTo:_:)``.
@usableFromInline
package struct ByteCursor {
    /// Where the next byte goes.
    @usableFromInline
    var next: UnsafeMutablePointer<UInt8>

    @inlinable
    init(_ start: UnsafeMutablePointer<UInt8>) {
        next = start
    }

    /// Writes a byte.
    @inlinable
    package mutating func put(_ byte: UInt8) {
        next.initialize(to: byte)
        next += 1
    }

    /// Writes a literal's bytes.
    @inlinable @inline(__always)
    package mutating func put(_ text: StaticString) {
        put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes bytes as they are.
    @inlinable @inline(__always)
    package mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        next.initialize(from: start, count: bytes.count)
        next += bytes.count
    }

    /// Writes at most `capacity` bytes, for which there is room, and says how many these were.
    @inlinable
    package mutating func put(upTo capacity: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        let count = body(next)
        assert(0...capacity ~= count, "more bytes than were announced")
        next += count
    }

    /// Writes an integer in decimal: at most ``maximumDecimalBytes``.
    @inlinable
    package mutating func put(decimal value: Int64) {
        // Most are none at all: units that are held, or of holders who fell silent.
        if 0...9 ~= value { return put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)) }
        put(longDecimal: value)
    }

    @usableFromInline
    mutating func put(longDecimal value: Int64) {
        if value < 0 { put(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        if magnitude < 10 { return put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude)) }
        var (count, bound): (Int, UInt64) = (2, 100)
        while count < 19, magnitude >= bound { (count, bound) = (count + 1, bound &* 10) }
        if magnitude >= 10_000_000_000_000_000_000 { count = 20 }
        var rest = magnitude
        for index in (0..<count).reversed() {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            (next + index).initialize(to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        next += count
    }

    /// Writes a string, escaped: at most ``maximumBytes(ofString:)``.
    package mutating func put(string text: String) {
        var text = text
        text.withUTF8 { put(string: $0) }
    }

    /// Copies runs that need no escape in one go.
    mutating func put(string text: UnsafeBufferPointer<UInt8>) {
        put(UInt8(ascii: "\""))
        var runStart = 0
        while true {
            let end = PlainBytes.end(in: text, from: runStart).offset
            put(UnsafeBufferPointer(rebasing: text[runStart..<end]))
            if end == text.count { break }
            put(escaped: text[end])
            runStart = end + 1
        }
        put(UInt8(ascii: "\""))
    }

    private mutating func put(escaped byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0D: put(UInt8(ascii: "r"))
        case 0x09: put(UInt8(ascii: "t"))
        default:
            let digit = byte & 0x0F
            put("u00")
            put(UInt8(ascii: "0") + byte >> 4)
            put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// What a string of so many bytes of UTF-8 takes at most: each may need an escape.
    package static func maximumBytes(ofString count: Int) -> Int { 2 + 6 * count }

    /// What the longest integer takes: a sign and 19 digits, or 20 digits.
    @inlinable package static var maximumDecimalBytes: Int { 20 }
}

extension [UInt8] {
    /// Writes at most `capacity` bytes at the end, with room made once.
    @inlinable @inline(__always)
    mutating func append(upTo capacity: Int, _ body: (inout ByteCursor) -> Void) {
        append(addingCapacity: capacity) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = buffer.baseAddress else { return }
                var cursor = ByteCursor(start + count)
                body(&cursor)
                assert(cursor.next - start <= buffer.count, "more bytes than were announced")
                count = cursor.next - start
            }
        }
    }

    /// Writes an integer in decimal at the end.
    package mutating func append(decimal value: Int64) {
        append(upTo: ByteCursor.maximumDecimalBytes) { $0.put(decimal: value) }
    }

    /// Writes ASCII at the end.
    package mutating func append(ascii text: StaticString) {
        append(upTo: text.utf8CodeUnitCount) { $0.put(text) }
    }
}
