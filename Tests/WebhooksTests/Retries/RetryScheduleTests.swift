import QuotaModel
import QuotaTesting
import Testing

@testable import Webhooks

@Suite("The schedule of retries")
struct RetryScheduleTests {
    private let failedAt = Timestamp(seconds: 1_800_000_000)

    private func wait(_ attempt: Int, retryAfter: Int64? = nil, jitter: UInt64 = 0) -> Int64? {
        RetrySchedule
            .next(
                afterAttempt: attempt, failedAt: failedAt, retryAfterSeconds: retryAfter,
                jitter: jitter
            )
            .map { $0.nanoseconds(since: failedAt) }
    }

    @Test("seven attempts: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h and 10 h")
    func waits() {
        let seconds = (0...7).map { wait($0).map { $0 / 1_000_000_000 } }
        #expect(seconds == [0, 5, 300, 1_800, 7_200, 18_000, 36_000, nil])
        #expect(wait(.max) == nil)
        #expect(wait(.min) == 0)
    }

    @Test("the receiver can make a wait longer, up to a day, and never shorter")
    func retryAfter() {
        let second: Int64 = 1_000_000_000
        #expect(wait(1, retryAfter: 4) == 5 * second)
        #expect(wait(1, retryAfter: 60) == 60 * second)
        #expect(wait(1, retryAfter: .max) == 86_400 * second)
        #expect(wait(3, retryAfter: .min) == 1_800 * second)
        #expect(wait(7, retryAfter: 60) == nil)
    }

    @Test("jitter makes a wait longer by less than a tenth, evenly")
    func jitter() throws {
        #expect(wait(0, jitter: .max) == 0)
        #expect(wait(1, jitter: .max) == 5_499_999_999)
        #expect(wait(1, jitter: 1 << 63) == 5_250_000_000)
        var random = SeededRandom(seed: .random(in: 0...UInt64.max))
        for attempt in 1...6 {
            let least = try #require(wait(attempt))
            let waits = (0..<200).compactMap { _ in wait(attempt, jitter: random.next()) }
            #expect(waits.allSatisfy { $0 >= least && $0 < least + least / 10 }, "\(random)")
            #expect(Set(waits).count > 150, "\(random)")
        }
    }

    @Test("at the end of time nothing overflows")
    func endOfTime() {
        let next = RetrySchedule.next(
            afterAttempt: 6, failedAt: .distantFuture, retryAfterSeconds: .max, jitter: .max)
        #expect(next == .distantFuture)
    }
}

@Suite("Retry-After")
struct RetryAfterTests {
    // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    private let instant = Timestamp(seconds: 784_111_777)

    @Test(
        "seconds and dates are read",
        arguments: [
            ("0", 0), ("120", 120), ("99999999999999999999", Int64.max),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400), ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
            ("Fri, 31 Dec 9999 23:59:60 GMT", 8_439_260_259),
        ])
    func read(value: String, seconds: Int64) {
        #expect(RetryAfter.seconds(value, now: instant) == seconds)
    }

    @Test(
        "anything else says nothing",
        arguments: [
            "", "-1", "+5", "1.5", "5 s", "\u{660}", "soon", "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
            String(repeating: "1", count: 65),
        ])
    func unread(value: String) {
        #expect(RetryAfter.seconds(value, now: instant) == nil)
    }
}
