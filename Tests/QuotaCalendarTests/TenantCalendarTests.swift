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

    @Test func aChangeOfZoneWaitsForTheBoundaryOfEachWindow() throws {
        var calendar = TenantCalendar(zone: .utc)
        let decided = try Samples.instant("2026-03-10T12:00:00Z")
        let lagos = TenantRules(
            zone: try ZoneRules("Africa/Lagos"),
            anchor: try Samples.local("2026-01-15"),
            revision: 2
        )
        try calendar.change(to: lagos, decidedAt: decided)

        let today = try #require(calendar.period(of: .day, containing: decided))
        #expect(today.end.description == "2026-03-11T00:00:00Z")
        let tomorrow = try #require(calendar.period(of: .day, containing: today.end))
        #expect(tomorrow.start == today.end)
        #expect(tomorrow.end.description == "2026-03-11T23:00:00Z")

        let month = try #require(calendar.period(of: .month, containing: decided))
        #expect(month.end.description == "2026-04-01T00:00:00Z")
        let next = try #require(calendar.period(of: .month, containing: month.end))
        #expect(next.start == month.end)
        #expect(next.end.description == "2026-04-14T23:00:00Z")

        #expect(calendar.revision(of: .day, at: today.end) == 2)
        #expect(calendar.revision(of: .month, at: today.end) == 1)
        #expect(calendar.revision(of: .month, at: month.end) == 2)
        #expect(calendar.rules == lagos)
    }

    @Test func aRefusedChangeChangesNothing() throws {
        var calendar = TenantCalendar(zone: .utc)
        let rules = TenantRules(zone: try ZoneRules("Africa/Lagos"), revision: 2)
        let decided = try Samples.instant("2026-03-10T12:00:00Z")
        try calendar.change(to: rules, decidedAt: decided)
        let before = calendar
        #expect(throws: CalendarError.self) {
            try calendar.change(
                to: TenantRules(zone: .utc, revision: 3),
                decidedAt: decided.adding(nanoseconds: -1)
            )
        }
        #expect(calendar == before)
    }
}
