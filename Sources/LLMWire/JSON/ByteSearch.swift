#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Looks at eight bytes or more at a time.
///
/// Source of the word tricks: S. E. Anderson, "Bit Twiddling Hacks", "Determine if a word has a
/// zero byte" and "... a byte less than n". A borrow can only make bytes after the first hit look
/// like hits, so "is there any" and "which is the first" are exact.
enum ByteSearch {
    /// The first byte from `start` on that may not stand in a JSON string as it is (a quote, a
    /// backslash, a control character), or `end`.
    @inline(__always)
    static func endOfPlain(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var offset = start
        while end - offset >= 8 {
            let hits = specials(word(bytes, offset))
            if hits != 0 { return offset + hits.trailingZeroBitCount / 8 }
            offset += 8
            // What is longer than a name or a token is most likely a prompt.
            if offset - start == 32 {
                offset = startOfSpecialBlock(bytes, from: offset, to: end)
            }
        }
        while offset < end, !isSpecial(byte(bytes, offset)) { offset += 1 }
        return offset
    }

    /// The first line feed or carriage return from `start` on, or `end`.
    @inline(__always)
    static func endOfLine(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var offset = start
        while end - offset >= 32 {
            let hits =
                lineEnds(word(bytes, offset)) | lineEnds(word(bytes, offset + 8))
                | lineEnds(word(bytes, offset + 16)) | lineEnds(word(bytes, offset + 24))
            if hits != 0 { break }
            offset += 32
        }
        while end - offset >= 8 {
            let hits = lineEnds(word(bytes, offset))
            if hits != 0 { return offset + hits.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < end, byte(bytes, offset) != 0x0A, byte(bytes, offset) != 0x0D {
            offset += 1
        }
        return offset
    }

    /// The first byte from `start` on that is not ASCII, or `end`.
    @inline(__always)
    static func endOfASCII(_ bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var offset = start
        while end - offset >= 32 {
            let union =
                word(bytes, offset) | word(bytes, offset + 8) | word(bytes, offset + 16)
                | word(bytes, offset + 24)
            if union & highBits != 0 { break }
            offset += 32
        }
        while end - offset >= 8 {
            let hits = word(bytes, offset) & highBits
            if hits != 0 { return offset + hits.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < end, byte(bytes, offset) < 0x80 { offset += 1 }
        return offset
    }

    /// Whether `count` bytes are the same at both places.
    @inline(__always)
    static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool
    {
        memcmp(left, right, count) == 0
    }

    @inline(__always)
    static func byte(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt8 {
        bytes.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }

    /// Steps over blocks of 32 bytes without a special one.
    private static func startOfSpecialBlock(
        _ bytes: UnsafeRawPointer,
        from start: Int,
        to end: Int
    ) -> Int {
        var offset = start
        while end - offset >= 32 {
            let hits =
                specials(word(bytes, offset)) | specials(word(bytes, offset + 8))
                | specials(word(bytes, offset + 16)) | specials(word(bytes, offset + 24))
            if hits != 0 { break }
            offset += 32
        }
        return offset
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    @inline(__always)
    private static func specials(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        return
            ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
            | (word &- ones &* 0x20) & ~word) & highBits
    }

    @inline(__always)
    private static func lineEnds(_ word: UInt64) -> UInt64 {
        let feeds = word ^ (ones &* 0x0A)
        let returns = word ^ (ones &* 0x0D)
        return ((feeds &- ones) & ~feeds | (returns &- ones) & ~returns) & highBits
    }

    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }
}
