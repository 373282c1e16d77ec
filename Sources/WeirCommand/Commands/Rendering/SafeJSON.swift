import StrictJSON

/// JSON for programs that a terminal shows without harm.
enum SafeJSON {
    /// The value on one line, with a newline.
    static func line(_ value: JSONValue) -> [UInt8] { encoded(value) + [UInt8(ascii: "\n")] }

    /// The value as compact JSON; what only commands a terminal is escaped, which changes nothing.
    static func encoded(_ value: JSONValue) -> [UInt8] {
        let bytes = value.encodedBytes
        if bytes.allSatisfy({ (0x20...0x7E).contains($0) }) { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        // Outside of strings all is ASCII: what needs an escape stands inside one.
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if SafeText.isSafe(scalar) {
                result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            } else {
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    result += Array("\\u".utf8)
                    result += Array(repeating: UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                    result += Array(digits.utf8)
                }
            }
        }
        return result
    }
}
