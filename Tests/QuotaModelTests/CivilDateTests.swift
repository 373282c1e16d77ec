import QuotaModel
import QuotaTesting
import Testing

@Suite("Dates")
struct CivilDateTests {
    /// The length of a month, by the rule as people learn it.
    private func length(_ year: Int, _ month: Int) -> Int {
        let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    @Test("days are counted as one counts them one by one")
    func countsDays() throws {
        // 0001-01-01 lies 719,162 days before 1970-01-01.
        var count: Int64 = -719_162
        for year in 1...2_600 {
            for month in 1...12 {
                #expect(CivilDate.daysInMonth(year: year, month: month) == length(year, month))
                for day in 1...length(year, month) {
                    let date = try #require(CivilDate(year: year, month: month, day: day))
                    if date.daysSinceEpoch != count { Issue.record("\(date): \(count)") }
                    if CivilDate(daysSinceEpoch: count) != date { Issue.record("\(count)") }
                    count += 1
                }
            }
        }
        #expect(CivilDate(daysSinceEpoch: 0).description == "1970-01-01")
        #expect(CivilDate(year: 9_999, month: 12, day: 31)?.daysSinceEpoch == 2_932_896)
    }

    @Test(
        "days that do not exist are refused",
        arguments: [
            (2026, 2, 29), (1900, 2, 29), (2100, 2, 29), (2024, 2, 30), (2026, 4, 31),
            (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32), (0, 1, 1), (10_000, 1, 1),
            (-1, 1, 1), (Int.max, 1, 1), (2026, Int.min, 1), (2026, 1, Int.max),
        ])
    func refusesDays(_ year: Int, _ month: Int, _ day: Int) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test("leap days exist", arguments: [2000, 2024, 2028, 1600, 2400])
    func leapDays(_ year: Int) {
        #expect(CivilDate(year: year, month: 2, day: 29) != nil)
    }

    @Test("dates are read and written as YYYY-MM-DD only")
    func text() {
        for text in ["0001-01-01", "1970-01-01", "2026-04-09", "2024-02-29", "9999-12-31"] {
            #expect(CivilDate(text)?.description == text)
        }
        for text in [
            "", "2026-4-9", "2026-04-9", "26-04-09", "2026/04/09", "2026-04-09 ", " 2026-04-09",
            "2026-04-09T00:00", "2026-04-31", "20260409", "+026-04-09", "-001-01-01",
            "2026-04-0\u{669}", "0000-01-01", "10000-01-01", "2026-04-09\0",
        ] {
            #expect(CivilDate(text) == nil, "\(text.debugDescription)")
        }
    }

    @Test("dates are ordered as time is")
    func ordered() {
        let dates = (0..<800).map { CivilDate(daysSinceEpoch: 19_000 + $0) }
        var random = SeededRandom(seed: 1)
        #expect(dates.shuffled(using: &random).sorted() == dates)
    }

    @Test("a date that can be written has a start, or says that it has none, without a trap")
    func startOfEveryDate() async {
        #expect(CivilDate("2026-04-09")?.startUTC == Timestamp("2026-04-09T00:00:00Z"))
        #expect(CivilDate("1969-12-31")?.startUTC == Timestamp(seconds: -86_400))
        await #expect(processExitsWith: .success) {
            for text in ["0001-01-01", "1600-01-01", "2263-01-01", "9999-12-31"] {
                _ = CivilDate(text)?.startUTC
            }
        }
    }

    @Test("a local time is read to the minute; a bare date is midnight")
    func localTimes() {
        let rows: [(text: String, seconds: Int64?)] = [
            ("1970-01-01T00:00", 0), ("1970-01-01", 0), ("1970-01-02T01:02", 90_120),
            ("1969-12-31T23:59", -60), ("2026-01-31T00:00", 1_769_817_600),
            ("2026-01-31T24:00", nil), ("2026-01-31T00:60", nil), ("2026-01-31T00:00:00", nil),
            ("2026-01-31T00:00Z", nil), ("2026-01-31T0:00", nil), ("2026-01-31T", nil),
            ("T00:00", nil), ("2026-02-30T00:00", nil), ("2026-01-31 00:00", nil), ("", nil),
            ("2026-01-31T00:00T", nil),
        ]
        for row in rows {
            #expect(
                LocalDateTime(row.text)?.secondsSinceLocalEpoch == row.seconds, "\(row.text)")
        }
        #expect(LocalDateTime("2026-01-31")?.description == "2026-01-31T00:00")
        #expect(LocalDateTime("2026-01-31T09:05")?.description == "2026-01-31T09:05")
    }
}
