/// Whether bytes are UTF-8, as The Unicode Standard, table 3-7, says.
enum UTF8Check {
    /// The place of the first sequence that is not UTF-8, or nil when there is none.
    static func firstFault(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int? {
        var offset = ByteSearch.endOfASCII(bytes, from: start, to: end)
        while offset < end {
            let length = sequenceLength(bytes, offset, end)
            if length == 0 { return offset }
            offset += length
            if offset < end, ByteSearch.byte(bytes, offset) < 0x80 {
                offset = ByteSearch.endOfASCII(bytes, from: offset, to: end)
            }
        }
        return nil
    }

    /// How many bytes the sequence here has; 0 when it is none.
    @inline(__always)
    private static func sequenceLength(_ bytes: UnsafeRawPointer, _ at: Int, _ end: Int) -> Int {
        let lead = ByteSearch.byte(bytes, at)
        let room = end - at
        switch lead {
        case 0xC2...0xDF:
            return room >= 2 && isTail(bytes, at + 1) ? 2 : 0
        case 0xE0...0xEF:
            guard room >= 3, isTail(bytes, at + 1), isTail(bytes, at + 2) else { return 0 }
            let second = ByteSearch.byte(bytes, at + 1)
            // Overlong forms, and surrogates.
            if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return 0 }
            return 3
        case 0xF0...0xF4:
            guard room >= 4, isTail(bytes, at + 1), isTail(bytes, at + 2), isTail(bytes, at + 3)
            else { return 0 }
            let second = ByteSearch.byte(bytes, at + 1)
            // Overlong forms, and what lies beyond U+10FFFF.
            if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return 0 }
            return 4
        default: return 0
        }
    }

    @inline(__always)
    private static func isTail(_ bytes: UnsafeRawPointer, _ offset: Int) -> Bool {
        ByteSearch.byte(bytes, offset) & 0b1100_0000 == 0b1000_0000
    }
}
