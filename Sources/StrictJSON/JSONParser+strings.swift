extension JSONParser {
    /// A string; `offset` is at its opening quote.
    mutating func string() throws(JSONFailure) -> String {
        offset += 1
        let start = offset
        let isASCII = skipPlainBytes()
        guard current != UInt8(ascii: "\"") else {
            // Nothing to unescape: the bytes of the document are the bytes of the string.
            let plain = UnsafeBufferPointer(rebasing: bytes[start..<offset])
            offset += 1
            // ASCII needs no validation, which is the dearer half of making a short string.
            if isASCII { return String(decoding: plain, as: UTF8.self) }
            guard let text = String(validating: plain, as: UTF8.self) else {
                throw invalidUTF8(from: start)
            }
            return text
        }
        return try escapedString(from: start)
    }

    private mutating func escapedString(from start: Int) throws(JSONFailure) -> String {
        scratch.removeAll(keepingCapacity: true)
        var runStart = start
        while true {
            scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<offset]))
            switch current {
            case UInt8(ascii: "\""):
                offset += 1
                guard let text = String(validating: scratch, as: UTF8.self) else {
                    throw invalidUTF8(from: start)
                }
                return text
            case UInt8(ascii: "\\"):
                try escape()
            default:
                guard offset < bytes.count else { throw unexpected("'\"' at the end of a string") }
                let message = "a control character in a string must be written as an escape"
                throw JSONFailure(message, at: offset)
            }
            runStart = offset
            skipPlainBytes()
        }
    }

    /// Stops at a quote, a backslash, a control character or the end; says whether all bytes
    /// stepped over were ASCII.
    @discardableResult
    mutating func skipPlainBytes() -> Bool {
        let (end, isASCII) = PlainBytes.end(in: bytes, from: offset)
        offset = end
        return isASCII
    }

    /// Appends what an escape stands for; `offset` is at its backslash.
    private mutating func escape() throws(JSONFailure) {
        let start = offset
        offset += 1
        let letter = current
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeEscape(from: start)
            scratch.append(contentsOf: String(scalar).utf8)
            return
        default: throw unexpected("one of \" \\ / b f n r t u after a backslash")
        }
        offset += 1
    }

    /// The scalar of `\uXXXX`, or of two of them; `offset` is at the `u`.
    private mutating func unicodeEscape(from start: Int) throws(JSONFailure) -> Unicode.Scalar {
        let first = try fourHexDigits()
        // Every unit that is no surrogate is a scalar.
        if let scalar = Unicode.Scalar(first) { return scalar }
        let lone = "a surrogate escape must be half of a pair, high then low"
        guard first < 0xDC00, skip(UInt8(ascii: "\\")), current == UInt8(ascii: "u") else {
            throw JSONFailure(lone, at: start)
        }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(
                0x10000 + UInt32(first - 0xD800) << 10 + UInt32(second - 0xDC00)
            )
        else { throw JSONFailure(lone, at: start) }
        return scalar
    }

    /// The unit after a `u`, over which it steps.
    private mutating func fourHexDigits() throws(JSONFailure) -> UInt16 {
        offset += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
            default: throw unexpected("four hexadecimal digits after \\u")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
