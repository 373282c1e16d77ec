extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC: `2026-11-21T10:00:00.123Z`, with a fraction (3, 6 or 9 digits) only when
    /// there is one.
    public var description: String {
        if self == .distantPast { return "-infinity" }
        if self == .distantFuture { return "infinity" }
        let date = date
        let secondOfDay = Int(seconds - date.daysSinceEpoch * 86_400)
        var fraction = Int(nanoseconds - seconds * 1_000_000_000)
        var digits = 9
        while digits > 0, fraction % 1_000 == 0 {
            fraction /= 1_000
            digits -= 3
        }
        // Written by hand, since every decision has several.
        return String(unsafeUninitializedCapacity: 30) { bytes in
            var end = 0
            func put(_ value: Int, width: Int) {
                var rest = value
                for index in (end..<end + width).reversed() {
                    bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                end += width
            }
            func put(_ character: Unicode.Scalar) {
                bytes[end] = UInt8(ascii: character)
                end += 1
            }
            put(date.year, width: 4)
            put("-")
            put(date.month, width: 2)
            put("-")
            put(date.day, width: 2)
            put("T")
            put(secondOfDay / 3600, width: 2)
            put(":")
            put(secondOfDay / 60 % 60, width: 2)
            put(":")
            put(secondOfDay % 60, width: 2)
            if digits > 0 {
                put(".")
                put(fraction, width: digits)
            }
            put("Z")
            return end
        }
    }

    /// This instant with its sub-millisecond part dropped.
    public var truncatedToMilliseconds: Timestamp {
        Timestamp(nanoseconds: nanoseconds.flooredDivision(by: 1_000_000) * 1_000_000)
    }

    /// Reads an RFC 3339 instant: `2026-11-21T10:00:00Z`, a fraction of up to 9 digits, `Z` or
    /// `±hh:mm`.
    ///
    /// Nil for anything else, for dates that do not exist and for years outside 1678 to 2261.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count >= 20 else { return nil }
        let separator = text.utf8.index(text.utf8.startIndex, offsetBy: 10)
        guard let date = CivilDate(text[..<separator]), (1678...2261).contains(date.year) else {
            return nil
        }
        var scanner = DigitScanner(text[separator...])
        guard scanner.skip("T"), let hour = scanner.digits(2), hour < 24, scanner.skip(":"),
            let minute = scanner.digits(2), minute < 60, scanner.skip(":"),
            let second = scanner.digits(2), second < 60
        else { return nil }
        var fraction = 0
        if scanner.skip(".") {
            guard let read = scanner.fraction() else { return nil }
            fraction = read
        }
        guard let offset = scanner.utcOffsetSeconds(), scanner.isAtEnd else { return nil }
        let seconds =
            date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return nil }
        self.init(nanoseconds: nanoseconds + Int64(fraction))
    }
}

extension DigitScanner {
    /// `Z`, or `+hh:mm` and `-hh:mm`, in seconds east of UTC.
    fileprivate mutating func utcOffsetSeconds() -> Int? {
        if skip("Z") { return 0 }
        let sign: Int
        if skip("+") {
            sign = 1
        } else if skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = digits(2), hours < 24, skip(":"), let minutes = digits(2), minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
