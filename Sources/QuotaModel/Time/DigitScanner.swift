/// Reads fixed-width ASCII fields, as dates and times are written.
struct DigitScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: some StringProtocol) {
        rest = Array(text.utf8)[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly `count` decimal digits.
    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        rest = rest.dropFirst(count)
        return value
    }

    /// One to nine digits after a decimal point, as nanoseconds.
    mutating func fraction() -> Int? {
        let found = rest.prefix { (48...57).contains($0) }
        guard (1...9).contains(found.count) else { return nil }
        rest = rest.dropFirst(found.count)
        var value = found.reduce(0) { $0 * 10 + Int($1 - 48) }
        for _ in found.count..<9 { value *= 10 }
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}

/// `value` in decimal, with zeros in front up to `width` characters.
package func zeroPadded(_ value: Int, to width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
