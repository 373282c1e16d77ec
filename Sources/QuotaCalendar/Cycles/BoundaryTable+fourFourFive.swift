public import QuotaModel

extension BoundaryTable {
    /// Fiscal months of 4, 4 and 5 weeks, twelve to a year of 52 weeks.
    ///
    /// - Parameters:
    ///   - zone: The zone in which each month begins at midnight.
    ///   - start: The first day of the first fiscal year.
    ///   - years: How many fiscal years, 1 to 500.
    ///   - longYears: Which of them, counted from 0, have a 53rd week; it goes to the last month.
    /// - Returns: A table of `12 × years` periods.
    /// - Throws: `invalidBoundaryTable` for another number of years or past the calendar's end.
    public static func fourFourFive(
        zone: ZoneRules,
        start: CivilDate,
        years: Int,
        longYears: Set<Int> = []
    ) throws(CalendarError) -> BoundaryTable {
        guard (1...500).contains(years) else {
            throw CalendarError(
                .invalidBoundaryTable,
                "a 4-4-5 calendar has 1 to 500 years, not \(years)"
            )
        }
        var day = start.daysSinceEpoch
        var days = [day]
        for year in 0..<years {
            for month in 0..<12 {
                let isLong = month == 11 && longYears.contains(year)
                let weeks = (month % 3 == 2 ? 5 : 4) + (isLong ? 1 : 0)
                day += Int64(weeks * 7)
                days.append(day)
            }
        }
        let boundaries = days.compactMap { LocalDateTime(date: CivilDate(daysSinceEpoch: $0)) }
        return try BoundaryTable(zone: zone, boundaries: boundaries)
    }
}
