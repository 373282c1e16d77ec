/// A date and time of day on the wall clock of some time zone, to the minute: `2026-01-31T00:00`.
public struct LocalDateTime: Hashable, Sendable {
    /// The date on the wall calendar.
    public let date: CivilDate
    /// The hour, 0 to 23.
    public let hour: Int
    /// The minute, 0 to 59.
    public let minute: Int

    /// Creates a local time, or nil when hour or minute are out of range.
    public init?(date: CivilDate, hour: Int = 0, minute: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
        self.date = date
        self.hour = hour
        self.minute = minute
    }

    /// The same time of day on another date.
    public func on(_ date: CivilDate) -> LocalDateTime {
        LocalDateTime(date: date, hour: hour, minute: minute)!
    }

    /// Seconds since 1970-01-01T00:00 of the same wall clock, as if it had no offset from UTC.
    public var secondsSinceLocalEpoch: Int64 {
        date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60)
    }
}

extension LocalDateTime: CustomStringConvertible {
    /// `2026-01-31T00:00`.
    public var description: String {
        "\(date)T\(zeroPadded(hour, to: 2)):\(zeroPadded(minute, to: 2))"
    }

    /// Reads `YYYY-MM-DDThh:mm` or a bare `YYYY-MM-DD` (midnight); nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let separator = text.firstIndex(of: "T") else {
            guard let date = CivilDate(text) else { return nil }
            self.init(date: date)
            return
        }
        guard let date = CivilDate(text[..<separator]) else { return nil }
        var scanner = DigitScanner(text[separator...])
        guard scanner.skip("T"), let hour = scanner.digits(2), scanner.skip(":"),
            let minute = scanner.digits(2), scanner.isAtEnd
        else { return nil }
        self.init(date: date, hour: hour, minute: minute)
    }
}
