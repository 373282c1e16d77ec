import Foundation
package import QuotaModel

/// The clocks of this machine: the one place that reads them for a node.
package enum SystemClock {
    private static let start = (instant: ContinuousClock.now, wall: wallNow())

    /// The wall clock, to a quarter of a microsecond.
    package static func wallNow() -> Timestamp {
        let seconds = Date().timeIntervalSince1970
        // A clock beyond the year 2262 is wrong; the last instant we know serves as well.
        return Timestamp(nanoseconds: Int64(exactly: (seconds * 1e9).rounded()) ?? .max)
    }

    /// A clock that nobody can set: the wall clock of the start, and the time that has passed
    /// since.
    package static func steadyNow() -> Timestamp {
        let passed = start.instant.duration(to: .now).components
        return start.wall.adding(
            nanoseconds: passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000)
    }
}
