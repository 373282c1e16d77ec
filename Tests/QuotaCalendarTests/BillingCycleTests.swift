import QuotaCalendar
import QuotaModel
import Testing

@Suite struct BillingCycleTests {
    @Test func monthEndsComeFromTheOriginalAnchor() throws {
        let cycle = try Samples.cycle("UTC", "2026-01-31", .month)
        #expect(
            (0...4).map { cycle.boundary($0).date.description } == [
                "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
            ]
        )
        #expect(cycle.boundary(-2).date.description == "2025-11-30")
        #expect(cycle.boundary(-11).date.description == "2025-02-28")
    }

    @Test func lagosBillsOnTheLeapDay() throws {
        let cycle = try Samples.cycle("Africa/Lagos", "2028-01-31", .month)
        #expect(
            (0...4).map { cycle.boundary($0).description } == [
                "2028-01-30T23:00:00Z", "2028-02-28T23:00:00Z", "2028-03-30T23:00:00Z",
                "2028-04-29T23:00:00Z", "2028-05-30T23:00:00Z",
            ]
        )
        #expect(cycle.zone.localDateTime(at: cycle.boundary(1)).description == "2028-02-29T00:00")
    }

    @Test func anAnchorOnThe29thMeetsALeapFebruary() throws {
        let cycle = try Samples.cycle("UTC", "2027-12-29", .month)
        #expect(
            (1...3).map { cycle.boundary($0).date.description } == [
                "2028-01-29", "2028-02-29", "2028-03-29",
            ]
        )
    }

    @Test func aLeapDayRepeatsYearly() throws {
        let cycle = try Samples.cycle("UTC", "2024-02-29", .year)
        #expect(
            (1...4).map { cycle.boundary($0).date.description } == [
                "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29",
            ]
        )
        #expect(cycle.boundary(-4).date.description == "2020-02-29")
    }

    @Test func aMonthWithAChangeOfOffsetIsShorter() throws {
        let cycle = try Samples.cycle("America/New_York", "2026-01-01", .month)
        let march = cycle.period(containing: try Samples.instant("2026-03-15T00:00:00Z"))
        #expect(march.start.description == "2026-03-01T05:00:00Z")
        #expect(march.end.description == "2026-04-01T04:00:00Z")
        #expect(march.end.nanoseconds(since: march.start) == 743 * 3_600_000_000_000)
    }

    @Test func aBoundaryThatOccursTwiceIsTheFirst() throws {
        let cycle = try Samples.cycle("America/New_York", "2026-10-01T01:00", .month)
        #expect(cycle.boundary(1).description == "2026-11-01T05:00:00Z")
        #expect(cycle.boundary(2).description == "2026-12-01T06:00:00Z")
        // Between the two occurrences the new period has begun, though the clock shows less.
        let between = try Samples.instant("2026-11-01T05:30:00Z")
        let second = try Samples.instant("2026-11-01T06:00:00Z")
        #expect(cycle.period(containing: between).index == 1)
        #expect(cycle.period(containing: second).index == 1)
    }

    @Test func aFiscalYearStartsOnItsMonthAndDay() throws {
        let cycle = try Samples.cycle("Asia/Kolkata", "2026-04-01", .year)
        #expect(cycle.boundary(0).description == "2026-03-31T18:30:00Z")
        #expect(cycle.boundary(1).description == "2027-03-31T18:30:00Z")
    }

    @Test func aBoundaryBelongsToTheNewPeriod() throws {
        let cycle = try Samples.cycle("UTC", "2026-01-31", .month)
        let boundary = cycle.boundary(1)
        #expect(cycle.period(containing: boundary).index == 1)
        #expect(cycle.period(containing: boundary.adding(nanoseconds: -1)).index == 0)
    }

    @Test func aSkippedDayHasNoPeriod() throws {
        let days = BillingCycle.calendar(zone: try ZoneRules("Pacific/Apia"), interval: .day)
        let before = try Samples.instant("2011-12-30T09:59:59Z")
        let periods = days.periods(from: before, count: 3)
        #expect(
            periods.map(\.start.description) == [
                "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z",
            ]
        )
        // The index of 30 December is left out.
        #expect(periods[1].index - periods[0].index == 2)
        #expect(periods[2].index - periods[1].index == 1)
    }

    @Test func daysLastAsLongAsTheirZoneSays() throws {
        let hours = { (zone: String, date: String) in
            let cycle = BillingCycle.calendar(zone: try ZoneRules(zone), interval: .day)
            let noon = cycle.zone.resolve(try Samples.local(date + "T12:00"))
            let day = cycle.period(containing: noon)
            return Double(day.end.nanoseconds(since: day.start)) / 3_600_000_000_000
        }
        #expect(try hours("America/New_York", "2026-03-08") == 23)
        #expect(try hours("America/New_York", "2026-07-04") == 24)
        #expect(try hours("America/New_York", "2026-11-01") == 25)
        #expect(try hours("Australia/Lord_Howe", "2026-10-04") == 23.5)
        #expect(try hours("Antarctica/Troll", "2026-10-25") == 26)
        // Midnight does not exist: the day begins at one o'clock.
        #expect(try hours("Asia/Beirut", "2026-03-29") == 23)
    }

    @Test func weeksOfTheCalendarBeginOnMonday() throws {
        let weeks = BillingCycle.calendar(zone: try ZoneRules("Africa/Lagos"), interval: .week)
        let week = weeks.period(containing: try Samples.instant("2026-11-21T10:00:00Z"))
        #expect(week.start.description == "2026-11-15T23:00:00Z")
        #expect(week.end.description == "2026-11-22T23:00:00Z")
    }

    @Test func weeksOfAnAnchorBeginOnItsDay() throws {
        let cycle = try Samples.cycle("UTC", "2026-11-19T06:30", .week)
        let week = cycle.period(containing: try Samples.instant("2026-11-26T06:29:59Z"))
        #expect(week.start == cycle.boundary(0))
        #expect(week.end.description == "2026-11-26T06:30:00Z")
    }

    @Test func listsPeriods() throws {
        let cycle = try Samples.cycle("UTC", "2026-01-31", .month)
        let start = cycle.boundary(0)
        let periods = cycle.periods(from: start, count: 4)
        #expect(periods.map(\.index) == [0, 1, 2, 3])
        #expect(cycle.next(after: periods[0]) == periods[1])
        #expect(cycle.firstPeriod(startingAtOrAfter: start)?.index == 0)
        #expect(cycle.firstPeriod(startingAtOrAfter: start.adding(nanoseconds: 1))?.index == 1)
        #expect(cycle.periods(from: start, count: 0).isEmpty)
        #expect(cycle.periods(from: start, count: .min).isEmpty)
    }

    @Test(arguments: BillingInterval.allCases, ["0001-01-01", "2026-01-31T23:59", "9999-12-31"])
    func noInstantAndNoIndexTraps(interval: BillingInterval, anchor: String) throws {
        let cycle = try Samples.cycle("Pacific/Apia", anchor, interval)
        for nanoseconds: Int64 in [.min, .min + 1, -1, 0, 1, .max - 1] {
            let instant = Timestamp(nanoseconds: nanoseconds)
            #expect(cycle.period(containing: instant).contains(instant))
        }
        let last = cycle.period(containing: .distantFuture)
        #expect(last.end == .distantFuture)
        #expect(cycle.next(after: last) == nil)
        #expect(cycle.periods(from: .distantFuture, count: .max).count == 1)
        #expect(cycle.boundary(.min) == .distantPast)
        #expect(cycle.boundary(.max) == .distantFuture)
        #expect(cycle.boundary(4_000_000) == .distantFuture)
        #expect(cycle.boundary(-4_000_000) == .distantPast)
    }
}
