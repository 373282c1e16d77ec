/// Writes JSON straight from the bytes of a file.
enum JSONBytes {
    /// Appends a string in quotes; false when the bytes are not UTF-8.
    static func appendString(
        _ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
    ) -> Bool {
        var isASCII = true
        var needsEscape = false
        for byte in text {
            isASCII = isASCII && byte < 0x80
            needsEscape =
                needsEscape || byte < 0x20 || byte == UInt8(ascii: "\"")
                || byte == UInt8(ascii: "\\")
        }
        if !isASCII, String(validating: text, as: UTF8.self) == nil { return false }
        bytes.append(UInt8(ascii: "\""))
        if needsEscape {
            for byte in text { appendEscaped(byte, to: &bytes) }
        } else {
            bytes.append(contentsOf: text)
        }
        bytes.append(UInt8(ascii: "\""))
        return true
    }

    private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes += [UInt8(ascii: "\\"), byte]
        case ..<0x20:
            bytes += Array("\\u00".utf8)
            bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        default: bytes.append(byte)
        }
    }

    /// The count that digits say, from 0 to 2^53−1; nil for anything else.
    static func units(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard (1...16).contains(text.count) else { return nil }
        var value: Int64 = 0
        for byte in text {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        return value <= Units.maximum ? value : nil
    }

    /// Appends a time as RFC 3339 in quotes, from that form or from one a database prints:
    /// `2026-04-09 12:30:00`, `2026-04-09 12:30:00.5+00`.
    ///
    /// Without a zone it is UTC; false when the bytes are not UTF-8.
    static func appendTime(
        _ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
    ) -> Bool {
        var time = Array(text)
        if time.count > 10, time[10] == UInt8(ascii: " ") { time[10] = UInt8(ascii: "T") }
        let signs = [UInt8(ascii: "+"), UInt8(ascii: "-")]
        let zone = time.dropFirst(11).lastIndex { signs.contains($0) }
        if let zone, time.count - zone == 3 {
            time += Array(":00".utf8)
        } else if zone == nil, time.count > 10, time.last != UInt8(ascii: "Z") {
            time.append(UInt8(ascii: "Z"))
        }
        return time.withUnsafeBufferPointer { appendString($0, to: &bytes) }
    }
}
