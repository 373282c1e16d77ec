import Testing

@testable import QuotaCalendar

@Suite struct CalendarSelfCheckTests {
    @Test func theDatabaseGivesTheKnownVectors() throws {
        #expect(CalendarSelfCheck.count >= 16)
        try CalendarSelfCheck.run()
    }

    @Test func aWrongBoundaryIsNamed() throws {
        let vector = BoundaryVector(
            zone: "Africa/Lagos",
            anchor: "2026-01-31",
            interval: .month,
            firstIndex: 0,
            boundaries: ["2026-01-30T23:00:00Z", "2026-02-28T00:00:00Z"]
        )
        let error = #expect(throws: CalendarError.self) { try vector.check() }
        #expect(error?.code == .vectorFailed)
        let message = try #require(error?.message)
        #expect(message.contains("Africa/Lagos every month from 2026-01-31, boundary 1,"))
        #expect(message.contains("2026-02-28T00:00:00Z but gives 2026-02-27T23:00:00Z"))
        #expect(message.contains(ZoneRules.databaseVersion))
    }

    @Test func aWrongResolutionIsNamed() throws {
        let vector = ResolutionVector(
            zone: "Europe/Berlin",
            local: "2024-03-31T02:30",
            expected: "2024-03-31T00:30:00Z"
        )
        let error = #expect(throws: CalendarError.self) { try vector.check() }
        #expect(error?.message.contains("Europe/Berlin at 2024-03-31T02:30") == true)
    }

    @Test func aZoneThatIsMissingFails() {
        let vector = ResolutionVector(zone: "Africa/Gone", local: "2024-03-31", expected: "")
        #expect(throws: CalendarError.self) { try vector.check() }
    }
}
