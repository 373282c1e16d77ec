import QuotaModel
import QuotaTesting
import Testing

@Suite("Instants")
struct TimestampTests {
    @Test("RFC 3339 is read")
    func reads() {
        let rows: [(text: String, seconds: Int64, nanoseconds: Int64)] = [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("1970-01-01T00:00:00.000000001Z", 0, 1),
            ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
            ("2026-11-21T10:00:00.123Z", 1_795_255_200, 123_000_000),
            ("2026-11-21T10:00:00+00:00", 1_795_255_200, 0),
            ("2026-11-21T10:00:00-00:00", 1_795_255_200, 0),
            ("2026-11-21T11:30:00+01:30", 1_795_255_200, 0),
            ("2026-11-20T22:00:00-12:00", 1_795_255_200, 0),
            ("2000-02-29T00:00:00Z", 951_782_400, 0),
            ("1678-01-01T00:00:00Z", -9_214_560_000, 0),
            ("2261-12-31T23:59:59.999999999Z", 9_214_646_399, 999_999_999),
        ]
        for row in rows {
            #expect(
                Timestamp(row.text)
                    == Timestamp(nanoseconds: row.seconds * 1_000_000_000 + row.nanoseconds),
                "\(row.text)")
        }
    }

    @Test(
        "anything else is not",
        arguments: [
            "", "Z", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21 10:00:00Z",
            "2026-11-21T10:00Z", "2026-11-21T24:00:00Z", "2026-11-21T10:60:00Z",
            "2026-11-21T10:00:60Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-11-21T10:00:00.Z", "2026-11-21T10:00:00.1234567890Z",
            "2026-11-21T10:00:00+24:00", "2026-11-21T10:00:00+01:60", "2026-11-21T10:00:00+0100",
            "2026-11-21T10:00:00Zx", " 2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z\n",
            "+026-11-21T10:00:00Z", "2026-11-2\u{E9}T10:00:00Z", "2026-1\u{661}-21T10:00:00Z",
            "\u{662}026-11-21T10:00:00Z", "\u{1F600}\u{1F600}\u{1F600}\u{1F600}\u{1F600}",
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", "1677-12-31T23:59:59Z",
            "2262-01-01T00:00:00Z", "99999999999999999999999999999999999999Z",
        ])
    func refuses(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("what is written is read again, with a fraction only when there is one")
    func writes() {
        let rows: [(nanoseconds: Int64, text: String)] = [
            (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000000001Z"),
            (1_000, "1970-01-01T00:00:00.000001Z"), (1_000_000, "1970-01-01T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"), (86_399_000_000_000, "1970-01-01T23:59:59Z"),
            (1_795_255_200_120_000_000, "2026-11-21T10:00:00.120Z"),
        ]
        for row in rows {
            let instant = Timestamp(nanoseconds: row.nanoseconds)
            #expect(instant.description == row.text)
            #expect(Timestamp(row.text) == instant)
        }
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            let instant = Timestamp(
                nanoseconds: Int64.random(in: -9_200_000_000...9_200_000_000, using: &random)
                    * 1_000_000_000 + Int64.random(in: 0..<1_000_000_000, using: &random))
            #expect(Timestamp(instant.description) == instant, "\(instant.nanoseconds)")
        }
    }

    @Test("arithmetic ends at the ends of time")
    func saturates() {
        let start = Timestamp(nanoseconds: 5)
        #expect(start.adding(nanoseconds: .max) == .distantFuture)
        #expect(Timestamp(nanoseconds: -5).adding(nanoseconds: .min) == .distantPast)
        #expect(start.adding(nanoseconds: -7) == Timestamp(nanoseconds: -2))
        #expect(Timestamp.distantFuture.nanoseconds(since: .distantPast) == .max)
        #expect(Timestamp.distantPast.nanoseconds(since: .distantFuture) == .min)
        #expect(start.nanoseconds(since: Timestamp(nanoseconds: 9)) == -4)
        #expect(Timestamp.distantPast < start && start < .distantFuture)
    }

    @Test("seconds, dates and milliseconds round towards the past")
    func rounds() {
        let rows: [(nanoseconds: Int64, seconds: Int64, date: String, milliseconds: Int64)] = [
            (0, 0, "1970-01-01", 0), (999_999_999, 0, "1970-01-01", 999_000_000),
            (-1, -1, "1969-12-31", -1_000_000), (-1_000_000_000, -1, "1969-12-31", -1_000_000_000),
            (86_400_000_000_000, 86_400, "1970-01-02", 86_400_000_000_000),
            (86_399_999_999_999, 86_399, "1970-01-01", 86_399_999_000_000),
        ]
        for row in rows {
            let instant = Timestamp(nanoseconds: row.nanoseconds)
            #expect(instant.seconds == row.seconds)
            #expect(instant.date.description == row.date)
            #expect(instant.truncatedToMilliseconds.nanoseconds == row.milliseconds)
        }
    }

    @Test("a period has its start and not its end")
    func periods() {
        let period = Period(start: Timestamp(seconds: 1), end: Timestamp(seconds: 2), index: 0)
        #expect(period.contains(Timestamp(seconds: 1)))
        #expect(period.contains(Timestamp(nanoseconds: 1_999_999_999)))
        #expect(!period.contains(Timestamp(seconds: 2)))
        #expect(!period.contains(Timestamp(nanoseconds: 999_999_999)))
        #expect(Period.lifetime.contains(Timestamp(seconds: 0)))
    }
}
