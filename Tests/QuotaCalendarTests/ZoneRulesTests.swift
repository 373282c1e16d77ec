import QuotaCalendar
import QuotaModel
import Testing

@Suite struct ZoneRulesTests {
    @Test(arguments: [
        "UTC", "Etc/UTC", "Etc/GMT+3", "Etc/GMT-14", "GMT", "GMT+0", "GMT-0", "GMT0", "Zulu",
        "Africa/Lagos", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "US/Pacific",
        "Asia/Calcutta", "Asia/Kolkata", "Europe/Kiev", "Europe/Kyiv", "GB", "NZ-CHAT", "EST5EDT",
    ])
    func acceptsNamesOfTheDatabaseAndKeepsTheirSpelling(name: String) throws {
        #expect(try ZoneRules(name).name == name)
    }

    @Test(arguments: [
        "", " ", "GMT+3", "GMT+0300", "UTC+1", "UTC+01:00", "+01:00", "Z", "utc", "africa/lagos",
        "AFRICA/LAGOS", "Africa/Lagos ", " Africa/Lagos", "Africa/Nowhere", "Africa", "Africa/",
        "/Africa/Lagos", "Africa//Lagos", "Etc/GMT-15", "Etc/GMT+13", "Etc/Unknown", "PST", "IST",
        "CST", "JST", "BST", "SystemV/PST8PDT", "US/Pacific-New", "posix/Africa/Lagos",
        "right/UTC", "../UTC", "/usr/share/zoneinfo/UTC", "localtime", "tzdata.zi",
        "Africa/Lagos\u{0}", "Africa/Lagos\n", "Áfrıca/Lagos", "🕰️/🌍",
        String(repeating: "Africa/", count: 2_000),
    ])
    func refusesEverythingElse(name: String) throws {
        let error = #expect(throws: CalendarError.self) { try ZoneRules(name) }
        #expect(error?.code == .unknownTimeZone)
        // The name is shown, but neither whole when it is long nor able to break a log line.
        let message = try #require(error?.message)
        #expect(message.utf8.count < 600)
        #expect(!message.unicodeScalars.contains { $0.value < 32 })
    }

    @Test func offsetsChangeExactlyAtTheTransition() throws {
        let zone = try ZoneRules("America/New_York")
        let spring = try Samples.instant("2026-03-08T07:00:00Z")
        #expect(zone.offsetSeconds(at: spring) == -4 * 3600)
        #expect(zone.offsetSeconds(at: spring.adding(nanoseconds: -1)) == -5 * 3600)
    }

    @Test func showsTheWallClock() throws {
        let kolkata = try ZoneRules("Asia/Kolkata")
        let instant = try Samples.instant("2026-03-31T18:30:59.9Z")
        #expect(kolkata.localDateTime(at: instant).description == "2026-04-01T00:00")
        let beforeEpoch = try Samples.instant("1969-12-31T23:59:00Z")
        #expect(ZoneRules.utc.localDateTime(at: beforeEpoch).description == "1969-12-31T23:59")
    }

    @Test func namesItsVersion() {
        // A year and a letter: 2025b.
        #expect(ZoneRules.databaseVersion.count == 5)
        #expect(ZoneRules.databaseVersion >= "2022a")
    }

    @Test func everyListedNameIsAccepted() throws {
        #expect(ZoneRules.knownNames.count > 400)
        for name in Samples.zoneNames {
            #expect(throws: Never.self) { try ZoneRules(name) }
        }
    }
}
