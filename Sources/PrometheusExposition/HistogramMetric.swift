public import CoreMetrics
import Synchronization

/// How many observations were at most so large, and their sum.
///
/// A lock, not atomics, so that count, sum and buckets always agree.
public final class HistogramMetric: Sendable {
    /// What has been observed.
    struct Observations: Sendable {
        /// Per bucket, not cumulative; one more than there are bounds.
        var counts: [UInt64]
        var sum = 0.0
    }

    let identity: SeriesIdentity
    let buckets: HistogramBuckets
    private let state: Mutex<Observations>

    init(_ identity: SeriesIdentity, buckets: HistogramBuckets) {
        self.identity = identity
        self.buckets = buckets
        let empty = [UInt64](repeating: 0, count: buckets.upperBounds.count + 1)
        state = Mutex(Observations(counts: empty))
    }

    /// How many observations there were.
    public var count: UInt64 {
        observations.counts.reduce(0, +)
    }

    /// Counts `duration`, in seconds.
    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) / 1e18)
    }

    var observations: Observations {
        state.withLock { $0 }
    }
}

extension HistogramMetric: RecorderHandler {
    /// Counts `value`.
    public func record(_ value: Int64) {
        record(Double(value))
    }

    /// Counts `value`; NaN, which would make the sum useless for ever, is ignored.
    public func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = buckets.index(of: value)
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }
}

extension HistogramMetric: TimerHandler {
    /// Counts `duration`, in seconds: Prometheus wants base units, whatever unit is preferred.
    public func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1e9)
    }
}
