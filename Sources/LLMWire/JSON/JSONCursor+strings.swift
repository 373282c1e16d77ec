extension JSONCursor {
    /// Steps over a string; `offset` is at its opening quote.
    @inline(__always)
    mutating func string() throws(JSONFault) -> JSONText {
        let start = offset + 1
        let end = ByteSearch.endOfPlain(bytes, from: start, to: count)
        guard end < count, ByteSearch.byte(bytes, end) == UInt8(ascii: "\"") else {
            offset = end
            return try escapedString(from: start)
        }
        offset = end + 1
        return JSONText(start: start, end: end, byteCount: end - start)
    }

    /// The rest of a string from its first escape on.
    private mutating func escapedString(from start: Int) throws(JSONFault) -> JSONText {
        var spared = 0
        while offset < count {
            switch ByteSearch.byte(bytes, offset) {
            case UInt8(ascii: "\""):
                let end = offset
                offset += 1
                return JSONText(start: start, end: end, byteCount: end - start - spared)
            case UInt8(ascii: "\\"): spared += try escape()
            default: throw JSONFault(kind: .controlCharacter, offset: offset)
            }
            // One escape often follows another.
            guard current != UInt8(ascii: "\\") else { continue }
            offset = ByteSearch.endOfPlain(bytes, from: offset, to: count)
        }
        throw unexpected()
    }

    /// Steps over an escape; says how many bytes it is longer than what it stands for.
    @inline(__always)
    private mutating func escape() throws(JSONFault) -> Int {
        let start = offset
        offset += 1
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
            return 1
        case UInt8(ascii: "u"):
            offset += 1
            return try unicodeEscape(from: start)
        default:
            guard offset < count else { throw unexpected() }
            throw JSONFault(kind: .unknownEscape, offset: start)
        }
    }

    @inline(__always)
    private mutating func unicodeEscape(from start: Int) throws(JSONFault) -> Int {
        let first = try fourHexDigits()
        switch first {
        case ..<0x80: return 5
        case ..<0x800: return 4
        case 0xD800..<0xDC00:
            guard skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else { break }
            guard 0xDC00..<0xE000 ~= (try fourHexDigits()) else { break }
            return 8
        case 0xDC00..<0xE000: break
        default: return 3
        }
        guard offset < count else { throw unexpected() }
        throw JSONFault(kind: .loneSurrogate, offset: start)
    }

    @inline(__always)
    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        guard count - offset >= 4 else {
            offset = count
            throw unexpected()
        }
        guard let unit = Self.hexUnit(bytes + offset) else {
            throw JSONFault(kind: .unknownEscape, offset: offset)
        }
        offset += 4
        return unit
    }

    /// The value of four hexadecimal digits.
    ///
    /// Without branches: whether a digit is a letter is a coin's toss.
    @inline(__always)
    private static func hexUnit(_ digits: UnsafeRawPointer) -> UInt32? {
        var unit: UInt32 = 0
        var faults: UInt8 = 0
        for index in 0..<4 {
            let byte = ByteSearch.byte(digits, index)
            let digit = byte &- UInt8(ascii: "0")
            let letter = (byte | 0x20) &- UInt8(ascii: "a")
            faults |= digit <= 9 || letter <= 5 ? 0 : 1
            unit = unit << 4 | UInt32(digit <= 9 ? digit : letter &+ 10)
        }
        return faults == 0 ? unit : nil
    }

    // MARK: What a string says

    /// Whether a string says `expected`, however it is escaped.
    @inline(__always)
    func text(_ text: JSONText, is expected: StaticString) -> Bool {
        let length = expected.utf8CodeUnitCount
        guard text.byteCount == length else { return false }
        if text.hasEscapes { return string(of: text) == expected.description }
        return ByteSearch.areEqual(bytes + text.start, expected.utf8Start, length)
    }

    /// What a string says, cut off after at most `maximumBytes`.
    func string(of text: JSONText, maximumBytes: Int = .max) -> String {
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(min(text.byteCount, maximumBytes))
        var at = text.start
        while at < text.end, unescaped.count < maximumBytes {
            let byte = ByteSearch.byte(bytes, at)
            if byte == UInt8(ascii: "\\") {
                appendEscape(to: &unescaped, &at)
            } else {
                unescaped.append(byte)
                at += 1
            }
        }
        // Not in the middle of a character.
        if at < text.end { Self.dropTornCharacter(&unescaped) }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// Appends what an escape stands for; it has been found right before.
    private func appendEscape(to unescaped: inout [UInt8], _ at: inout Int) {
        let letter = ByteSearch.byte(bytes, at + 1)
        at += 2
        switch letter {
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = Self.hexUnit(bytes + at) ?? 0
            at += 4
            if 0xD800..<0xDC00 ~= scalar {
                let low = Self.hexUnit(bytes + at + 2) ?? 0
                at += 6
                scalar = 0x10000 &+ (scalar &- 0xD800) << 10 &+ (low &- 0xDC00)
            }
            unescaped.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default: unescaped.append(letter)
        }
    }

    private static func dropTornCharacter(_ bytes: inout [UInt8]) {
        var tail = 0
        while tail < 3, let last = bytes.last, last & 0b1100_0000 == 0b1000_0000 {
            bytes.removeLast()
            tail += 1
        }
        if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
    }
}
