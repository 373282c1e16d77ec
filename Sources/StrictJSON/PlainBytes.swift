/// Finds the bytes that may not stand in a string as they are: quotes, backslashes and control
/// characters.
enum PlainBytes {
    /// The offset of the first such byte from `start` on, or the end; and whether all bytes before
    /// it are ASCII.
    static func end(
        in bytes: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> (offset: Int, isASCII: Bool) {
        let raw = UnsafeRawBufferPointer(bytes)
        var offset = start
        var union: UInt64 = 0
        // Eight bytes at a time: nearly all of a document is in strings.
        while offset + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            let plainBits = firstSpecialByte(word).trailingZeroBitCount & ~7
            guard plainBits == 64 else {
                union |= word & (1 << UInt64(plainBits) - 1)
                return (offset + plainBits / 8, union & highBits == 0)
            }
            union |= word
            offset += 8
        }
        while offset < raw.count, !isSpecial(raw[offset]) {
            union |= UInt64(raw[offset])
            offset += 1
        }
        return (offset, union & highBits == 0)
    }

    /// Whether a byte has to be written as an escape; everything else may stand in a string.
    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Has its lowest bit set in the first special byte of `word`; 0 when there is none.
    ///
    /// Source: S. E. Anderson, "Bit Twiddling Hacks", "Determine if a word has a zero byte" and
    /// "... a byte less than n"; a borrow can only make bytes after the first look special.
    private static func firstSpecialByte(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        return
            ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
            | (word &- ones &* 0x20) & ~word) & highBits
    }

    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }
}
