extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC: `2026-11-21T10:00:00.123Z`, with a fraction (3, 6 or 9 digits) only when
    /// there is one.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.maximumDescriptionBytes) { bytes in
            bytes.baseAddress.map { writeDescription(to: $0) } ?? 0
        }
    }

    /// What the longest ``description`` takes, in bytes.
    @inlinable package static var maximumDescriptionBytes: Int { 30 }

    /// Writes the ``description`` at a place in memory, and says how many bytes it has.
    ///
    /// By hand, since every decision has several.
    package func writeDescription(to start: UnsafeMutablePointer<UInt8>) -> Int {
        var writer = DigitWriter(start)
        if self == .distantPast {
            writer.put("-infinity")
        } else if self == .distantFuture {
            writer.put("infinity")
        } else {
            let seconds = seconds
            let days = seconds.flooredDivision(by: 86_400)
            // Within a day 32 bits are enough, which divide faster.
            writer.put(CivilDate(daysSinceEpoch: days))
            writer.put(secondOfDay: UInt32(truncatingIfNeeded: seconds - days * 86_400))
            writer.put(fraction: UInt32(truncatingIfNeeded: nanoseconds - seconds * 1_000_000_000))
            writer.put("Z")
        }
        return writer.next - start
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
