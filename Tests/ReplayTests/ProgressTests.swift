import Testing

@testable import WeirCommand

struct ProgressTests {
    private func line(_ rows: Int, _ elapsed: Duration) -> ProgressLine {
        var line = ProgressLine(ReplayTally(tenants: []), total: 200, elapsed: elapsed)
        line.rows = rows
        return line
    }

    @Test func barAndText() {
        #expect(
            line(100, .seconds(4)).bar
                == "[###############---------------]  50 %  100/200 rows  25 rows/s"
                + "  admitted 0  refused 0  retries 0")
        #expect(line(200, .zero).bar.hasPrefix("[##############################] 100 %"))
    }

    @Test func aPlainLineAtEveryTenthAndAfterFiveQuietSeconds() {
        var plain = PlainProgress()
        let steps: [(Int, Duration, Bool)] = [
            (0, .seconds(1), false), (19, .seconds(2), false), (20, .seconds(2), true),
            (21, .seconds(3), false), (60, .seconds(4), true), (61, .seconds(8), false),
            (61, .seconds(9), true),
        ]
        for (rows, elapsed, due) in steps {
            #expect(plain.isDue(line(rows, elapsed)) == due)
        }
    }
}
