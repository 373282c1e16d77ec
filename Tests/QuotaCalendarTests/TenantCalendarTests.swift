import QuotaCalendar
import QuotaModel
import Testing

@Suite struct TenantCalendarTests {
    private func starts(
        _ calendar: TenantCalendar,
        _ window: Window,
        at instant: String
    ) throws -> String? {
        let instant = try Samples.instant(instant)
        return calendar.period(of: window, containing: instant)?.start.description
    }

    @Test func withoutAnAnchorTheCalendarDecides() throws {
        let calendar = TenantCalendar(zone: .utc)
        let instant = "2026-11-21T10:00:00Z"
        #expect(try starts(calendar, .day, at: instant) == "2026-11-21T00:00:00Z")
        #expect(try starts(calendar, .week, at: instant) == "2026-11-16T00:00:00Z")
        #expect(try starts(calendar, .month, at: instant) == "2026-11-01T00:00:00Z")
        #expect(try starts(calendar, .year, at: instant) == "2026-01-01T00:00:00Z")
    }

    @Test func theAnchorMovesMonthsAndYearsOnly() throws {
        let calendar = TenantCalendar(
            zone: try ZoneRules("Africa/Lagos"),
            anchor: try Samples.local("2026-01-31T06:00")
        )
        let instant = "2026-11-21T10:00:00Z"
        #expect(try starts(calendar, .day, at: instant) == "2026-11-20T23:00:00Z")
        #expect(try starts(calendar, .week, at: instant) == "2026-11-15T23:00:00Z")
        #expect(try starts(calendar, .month, at: instant) == "2026-10-31T05:00:00Z")
        #expect(try starts(calendar, .year, at: instant) == "2026-01-31T05:00:00Z")
    }

    @Test func theBillingIntervalIsThatOfTheTenant() throws {
        let calendar = TenantCalendar(
            zone: try ZoneRules("Asia/Kolkata"),
            anchor: try Samples.local("2020-04-01"),
            billingInterval: .year
        )
        let now = try Samples.instant("2026-11-21T10:00:00Z")
        let billing = calendar.billingPeriod(containing: now)
        #expect(billing.start.description == "2026-03-31T18:30:00Z")
        #expect(billing.end.description == "2027-03-31T18:30:00Z")
        #expect(billing.index == 6)
    }

    @Test(arguments: [Window.second, .minute, .hour, .none])
    func ratesAndAllocationsHaveNoPeriod(window: Window) {
        let calendar = TenantCalendar(zone: .utc)
        #expect(calendar.period(of: window, containing: Timestamp(seconds: 0)) == nil)
    }

    @Test func aLifetimeIsOnePeriod() {
        let calendar = TenantCalendar(zone: .utc)
        let now = Timestamp(seconds: 1_800_000_000)
        #expect(calendar.period(of: .lifetime, containing: now) == .lifetime)
    }

    @Test func whoIsBilledByTheWeekHasWeeksFromTheAnchor() throws {
        let anchor = try Samples.local("2026-11-19T09:00")
        let weekly = TenantCalendar(zone: .utc, anchor: anchor, billingInterval: .week)
        let instant = "2026-11-21T10:00:00Z"
        #expect(try starts(weekly, .week, at: instant) == "2026-11-19T09:00:00Z")
        let now = try Samples.instant(instant)
        #expect(weekly.billingPeriod(containing: now).end.description == "2026-11-26T09:00:00Z")
        let monthly = TenantCalendar(zone: .utc, anchor: anchor, billingInterval: .month)
        #expect(try starts(monthly, .week, at: instant) == "2026-11-16T00:00:00Z")
        let calendar = TenantCalendar(zone: .utc, billingInterval: .week)
        #expect(try starts(calendar, .week, at: instant) == "2026-11-16T00:00:00Z")
    }

    /// Neighbours share their boundary inside a table, on both of its ends, and beyond.
    @Test(arguments: [BillingInterval.week, .month, .year])
    func aTableIsThePeriodsOfTheBillingInterval(interval: BillingInterval) throws {
        let zone = try ZoneRules("America/New_York")
        let start = try #require(CivilDate("2026-02-02"))
        let table = try BoundaryTable.fourFourFive(zone: zone, start: start, years: 1)
        let listed = TenantCalendar(
            zone: zone, anchor: try Samples.local("2026-01-31"), billingInterval: interval,
            table: table)
        let ruled = TenantCalendar(
            zone: zone, anchor: try Samples.local("2026-01-31"), billingInterval: interval)
        var instant = try Samples.instant("2024-06-01T00:00:00Z")
        let end = try Samples.instant("2030-06-01T00:00:00Z")
        var boundaries: [Timestamp] = []
        while instant < end {
            let period = listed.billingPeriod(containing: instant)
            #expect(period.start <= instant && instant < period.end)
            #expect(listed.billingPeriod(containing: period.start) == period)
            let last = listed.billingPeriod(containing: period.end.adding(nanoseconds: -1))
            #expect(last == period)
            #expect(listed.billingPeriod(containing: period.end).start == period.end)
            boundaries.append(period.start)
            instant = period.end
        }
        for boundary in table.boundaries { #expect(boundaries.contains(boundary)) }
        let between = boundaries.filter {
            $0 >= table.boundaries[0] && $0 <= table.boundaries[table.boundaries.count - 1]
        }
        #expect(between == table.boundaries)
        // Other windows are as they were, and so is all that is far from the table.
        for window in [Window.day, .week, .month, .year] where window != Window(interval) {
            #expect(
                listed.period(of: window, containing: table.boundaries[3])
                    == ruled.period(of: window, containing: table.boundaries[3]))
        }
        let late = try Samples.instant("2031-06-01T00:00:00Z")
        #expect(listed.billingPeriod(containing: late) == ruled.billingPeriod(containing: late))
    }
}

extension Window {
    fileprivate init(_ interval: BillingInterval) {
        self =
            switch interval {
            case .day: .day
            case .week: .week
            case .month: .month
            case .year: .year
            }
    }
}
