extension JSONCursor {
    /// Whether a number starts here.
    @inline(__always) var isAtNumber: Bool {
        current &- UInt8(ascii: "0") <= 9 || current == UInt8(ascii: "-")
    }

    /// Steps over a number; `offset` is at its sign or first digit.
    @inline(__always)
    mutating func skipNumber() throws(JSONFault) {
        _ = skip(UInt8(ascii: "-"))
        let start = offset
        skipDigits()
        guard offset > start else { throw unexpected() }
        if offset - start > 1, ByteSearch.byte(bytes, start) == UInt8(ascii: "0") {
            throw JSONFault(kind: .leadingZero, offset: start)
        }
        switch current {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): try skipFraction()
        default: return
        }
    }

    /// A plain integer that `Int64` holds, over which it steps; nil when what it stepped over is
    /// something else, also `1.0` and `1e3`.
    mutating func integer() throws(JSONFault) -> Int64? {
        guard isAtNumber else {
            try skipValue()
            return nil
        }
        let start = offset
        try skipNumber()
        let isNegative = ByteSearch.byte(bytes, start) == UInt8(ascii: "-")
        var value: Int64 = 0
        for place in (isNegative ? start + 1 : start)..<offset {
            let digit = ByteSearch.byte(bytes, place) &- UInt8(ascii: "0")
            let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, hasCarry) = tenfold.subtractingReportingOverflow(Int64(digit))
            guard digit <= 9, !isTooLarge, !hasCarry else { return nil }
            value = sum
        }
        // Counted downwards, since there is one more number below zero than above.
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    private mutating func skipFraction() throws(JSONFault) {
        if skip(UInt8(ascii: ".")) {
            let start = offset
            skipDigits()
            guard offset > start else { throw unexpected() }
        }
        guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return }
        _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
        let start = offset
        skipDigits()
        guard offset > start else { throw unexpected() }
    }

    @inline(__always)
    private mutating func skipDigits() {
        var end = offset
        while end < count, ByteSearch.byte(bytes, end) &- UInt8(ascii: "0") <= 9 { end += 1 }
        offset = end
    }
}
