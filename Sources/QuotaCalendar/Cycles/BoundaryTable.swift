public import QuotaModel

/// Periods listed one by one, for calendars that no rule describes, such as 4-4-5.
///
/// N boundaries make N - 1 periods, indexed from 0; before the first and from the last on there
/// is none.
public struct BoundaryTable: Hashable, Sendable {
    /// The most boundaries a table may hold: 800 years of months.
    public static let maximumCount = 10_000

    /// The boundaries in UTC, strictly increasing.
    public let boundaries: [Timestamp]

    /// Creates a table of the instants at which the wall clock of `zone` shows `boundaries`.
    ///
    /// - Throws: `invalidBoundaryTable` unless there are 2 to `maximumCount` boundaries, each
    ///   later than the one before.
    public init(zone: ZoneRules, boundaries: [LocalDateTime]) throws(CalendarError) {
        guard (2...Self.maximumCount).contains(boundaries.count) else {
            throw CalendarError(
                .invalidBoundaryTable,
                "a boundary table needs 2 to \(Self.maximumCount) boundaries,"
                    + " not \(boundaries.count)"
            )
        }
        let instants = boundaries.map { zone.resolve($0) }
        for position in instants.indices.dropFirst()
        where instants[position] <= instants[position - 1] {
            throw CalendarError(
                .invalidBoundaryTable,
                "boundary \(position) of the table, \(boundaries[position]), is not later than"
                    + " the one before, \(boundaries[position - 1])"
            )
        }
        self.boundaries = instants
    }

    /// The period that contains an instant, or nil outside the table.
    public func period(containing instant: Timestamp) -> Period? {
        // The number of boundaries at or before the instant, by bisection.
        var low = 0
        var high = boundaries.count
        while low < high {
            let middle = (low + high) / 2
            if boundaries[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        guard low > 0, low < boundaries.count else { return nil }
        return Period(start: boundaries[low - 1], end: boundaries[low], index: Int64(low - 1))
    }
}
