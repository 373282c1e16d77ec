import Histogram

/// Collects durations to three digits.
package struct LatencyRecorder: Sendable {
    /// Longer ones count as this long: one hour.
    private static let ceilingNanoseconds: UInt64 = 3_600_000_000_000

    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1_000, highestTrackableValue: ceilingNanoseconds,
        numberOfSignificantValueDigits: .three)

    /// Creates an empty recorder.
    package init() {}

    /// How many were recorded.
    package var count: UInt64 { histogram.totalCount }

    /// Adds one duration.
    package mutating func record(nanoseconds: UInt64) {
        histogram.record(min(nanoseconds, Self.ceilingNanoseconds))
    }

    /// Adds one duration.
    package mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(
            nanoseconds: UInt64(max(0, seconds)) * 1_000_000_000
                + UInt64(max(0, attoseconds)) / 1_000_000_000)
    }

    /// The duration that `percent` of all stay below, in milliseconds; 0 when there is none.
    package func milliseconds(percentile percent: Double) -> Double {
        count == 0 ? 0 : Double(histogram.valueAtPercentile(percent)) / 1_000_000
    }

    /// The longest, in milliseconds.
    package var maximumMilliseconds: Double {
        count == 0 ? 0 : Double(histogram.max) / 1_000_000
    }
}

extension LatencyRecorder {
    /// Adds all that another recorder holds.
    package mutating func add(_ other: LatencyRecorder) {
        histogram.add(other.histogram)
    }
}
