extension JSONParser {
    /// A number; `offset` is at its sign or first digit.
    mutating func number() throws(JSONFailure) -> JSONNumber {
        let start = offset
        if let integer = try integer() { return JSONNumber(integer) }
        let literal = UnsafeBufferPointer(rebasing: bytes[start..<offset])
        return JSONNumber(checkedLiteral: String(decoding: literal, as: UTF8.self))
    }

    /// Steps over a number; nil when it is none that `Int64` holds and writes the same way.
    mutating func integer() throws(JSONFailure) -> Int64? {
        let isNegative = skip(UInt8(ascii: "-"))
        let firstDigit = offset
        let magnitude = digits()
        guard offset > firstDigit else { throw unexpected("a digit") }
        if bytes[firstDigit] == UInt8(ascii: "0"), offset - firstDigit > 1 {
            throw JSONFailure("a number must not start with a zero", at: firstDigit)
        }
        let hasFraction = try skipFraction()
        let hasExponent = try skipExponent()
        guard !hasFraction, !hasExponent, let magnitude else { return nil }
        return Self.signed(magnitude, isNegative: isNegative)
    }

    /// Steps over digits; nil when their value does not fit.
    private mutating func digits() -> UInt64? {
        var value: UInt64? = 0
        while case let digit = current &- UInt8(ascii: "0"), digit <= 9 {
            if let known = value {
                let (tenfold, overflow) = known.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tenfold.addingReportingOverflow(UInt64(digit))
                value = overflow || carry ? nil : sum
            }
            offset += 1
        }
        return value
    }

    private mutating func skipFraction() throws(JSONFailure) -> Bool {
        guard skip(UInt8(ascii: ".")) else { return false }
        let start = offset
        _ = digits()
        guard offset > start else { throw unexpected("a digit after the decimal point") }
        return true
    }

    private mutating func skipExponent() throws(JSONFailure) -> Bool {
        guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return false }
        _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
        let start = offset
        _ = digits()
        guard offset > start else { throw unexpected("a digit in the exponent") }
        return true
    }

    /// Nil when the value does not fit, and for `-0`, whose literal an integer would not keep.
    private static func signed(_ magnitude: UInt64, isNegative: Bool) -> Int64? {
        guard isNegative else { return Int64(exactly: magnitude) }
        guard magnitude > 0, magnitude <= Int64.min.magnitude else { return nil }
        return Int64(truncatingIfNeeded: 0 &- magnitude)
    }
}
