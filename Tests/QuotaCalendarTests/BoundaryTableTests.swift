import QuotaCalendar
import QuotaModel
import Testing

@Suite struct BoundaryTableTests {
    @Test func periodsAreThoseOfTheTable() throws {
        let dates = try ["2026-01-05", "2026-02-02", "2026-03-02"].map { try Samples.local($0) }
        let table = try BoundaryTable(zone: try ZoneRules("Africa/Lagos"), boundaries: dates)
        let boundary = try Samples.instant("2026-02-01T23:00:00Z")
        let first = try #require(table.period(containing: boundary.adding(nanoseconds: -1)))
        let second = try #require(table.period(containing: boundary))
        #expect(first.index == 0 && second.index == 1)
        #expect(first.end == second.start)
        #expect(table.period(containing: first.start.adding(nanoseconds: -1)) == nil)
        #expect(table.period(containing: second.end) == nil)
        #expect(table.period(containing: .distantPast) == nil)
        #expect(table.period(containing: .distantFuture) == nil)
    }

    @Test func fourFourFive() throws {
        let start = try #require(CivilDate("2026-02-02"))
        let table = try BoundaryTable.fourFourFive(
            zone: .utc,
            start: start,
            years: 2,
            longYears: [0]
        )
        let days = zip(table.boundaries, table.boundaries.dropFirst())
            .map { $1.nanoseconds(since: $0) / 86_400_000_000_000 }
        #expect(
            days == [
                28, 28, 35, 28, 28, 35, 28, 28, 35, 28, 28, 42,
                28, 28, 35, 28, 28, 35, 28, 28, 35, 28, 28, 35,
            ]
        )
    }

    @Test(arguments: [
        [], ["2026-01-01"], ["2026-01-01", "2026-01-01"], ["2026-01-02", "2026-01-01"],
        ["2026-01-01", "2026-02-01", "2026-01-31"], ["0001-01-01", "0002-01-01"],
    ])
    func refusesWhatDoesNotTile(dates: [String]) throws {
        let locals = try dates.map { try Samples.local($0) }
        let error = #expect(throws: CalendarError.self) {
            try BoundaryTable(zone: .utc, boundaries: locals)
        }
        #expect(error?.code == .invalidBoundaryTable)
    }

    @Test func refusesADayThatItsZoneSkips() throws {
        let dates = try ["2011-12-30", "2011-12-31"].map { try Samples.local($0) }
        #expect(throws: CalendarError.self) {
            try BoundaryTable(zone: try ZoneRules("Pacific/Apia"), boundaries: dates)
        }
    }

    @Test(arguments: [Int.min, 0, 501, .max])
    func refusesTooManyYears(years: Int) throws {
        let start = try #require(CivilDate("9999-12-31"))
        #expect(throws: CalendarError.self) {
            try BoundaryTable.fourFourFive(zone: .utc, start: start, years: years)
        }
    }
}
