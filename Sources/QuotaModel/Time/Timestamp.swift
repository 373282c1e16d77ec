/// An instant: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Covers the years 1678 to 2262. It is a value only: where "now" comes from is the caller's
/// affair.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Nanoseconds since the Unix epoch.
    public var nanoseconds: Int64

    /// Creates an instant from nanoseconds since the Unix epoch.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Creates an instant from whole seconds since the Unix epoch.
    ///
    /// - Precondition: the instant lies between the years 1678 and 2262.
    public init(seconds: Int64) {
        self.init(nanoseconds: seconds * 1_000_000_000)
    }

    /// Before every period.
    public static let distantPast = Timestamp(nanoseconds: .min)
    /// After every period.
    public static let distantFuture = Timestamp(nanoseconds: .max)

    /// Whole seconds since the Unix epoch, rounded towards the past.
    public var seconds: Int64 {
        nanoseconds.flooredDivision(by: 1_000_000_000)
    }

    /// The UTC date of this instant.
    public var date: CivilDate {
        CivilDate(daysSinceEpoch: nanoseconds.flooredDivision(by: 86_400_000_000_000))
    }

    /// The instant `nanoseconds` later, or the end of representable time.
    public func adding(nanoseconds delta: Int64) -> Timestamp {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(delta)
        if overflow { return delta < 0 ? .distantPast : .distantFuture }
        return Timestamp(nanoseconds: sum)
    }

    /// Nanoseconds from `earlier` to this instant, clamped to the range of `Int64`.
    public func nanoseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        if overflow { return nanoseconds < 0 ? .min : .max }
        return difference
    }

    /// Whether an instant comes before another.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Int64 {
    /// Division that rounds towards negative infinity.
    package func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}
