import Foundation
package import QuotaModel

/// The clocks of this machine: the one place that reads them for a node.
package enum SystemClock {
    #if canImport(Darwin)
    private static let steady = CLOCK_MONOTONIC
    #else
    /// Goes on while the machine sleeps.
    private static let steady = CLOCK_BOOTTIME
    #endif
    private static let start = (steady: read(steady), wall: wallNow())

    /// The wall clock.
    package static func wallNow() -> Timestamp { Timestamp(nanoseconds: read(CLOCK_REALTIME)) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        // A clock beyond the year 2262 is wrong; the last instant we know serves as well.
        let (nanoseconds, overflow) = Int64(time.tv_sec)
            .multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : nanoseconds &+ Int64(time.tv_nsec)
    }

    /// A clock that nobody can set: the wall clock of the start, and the time that has passed
    /// since.
    package static func steadyNow() -> Timestamp {
        start.wall.adding(nanoseconds: read(steady) - start.steady)
    }
}
