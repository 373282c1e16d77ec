/// Known answers that a server checks before it trusts the time-zone database of its machine.
///
/// All lie in the past or follow rules that have stood for decades, so a newer database gives
/// them too; one that fails means a damaged or very old copy.
public enum CalendarSelfCheck {
    /// How many vectors `run` checks.
    public static var count: Int { BoundaryVector.all.count + ResolutionVector.all.count }

    /// Checks every vector; takes under a millisecond.
    ///
    /// - Throws: `vectorFailed` for the first that fails, with the zone, what was expected, what
    ///   was found and the version of the database.
    public static func run() throws(CalendarError) {
        for vector in BoundaryVector.all {
            try vector.check()
        }
        for vector in ResolutionVector.all {
            try vector.check()
        }
    }

    /// The error for a vector that fails.
    static func failure(_ vector: String, expected: String, found: String) -> CalendarError {
        CalendarError(
            .vectorFailed,
            "time-zone database \(ZoneRules.databaseVersion): \(vector) should give \(expected)"
                + " but gives \(found); reinstall the time-zone data"
        )
    }
}
