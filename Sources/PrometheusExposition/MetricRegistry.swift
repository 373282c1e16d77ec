import Synchronization

/// The metrics of a process, and their text for Prometheus (exposition format 0.0.4).
///
///     let decisions = registry.counter(
///         "weir_decisions_total", help: "Decisions made.", labels: ["plan": "free"])
///     decisions.increment()
///     registry.gauge("weir_open_reservations", help: "Reservations now open.") {
///         Double(node.openReservationCount)
///     }
///
/// Asking for a metric makes it; asking again, with the same name and labels, gives the same one.
/// A name that breaks the rules of Prometheus is mended, and a counter's ends in `_total`.
///
/// Memory is bounded: beyond ``maximumSeriesPerMetric`` sets of labels, a metric counts all
/// further ones in a single series whose labels have the value ``overflowLabelValue``, and
/// `weir_metrics_overflow_total` says that it happens. Nothing here traps: a name that already
/// belongs to a metric of another type gives a metric that works but is not shown, counted by
/// `weir_metrics_conflicts_total`.
public final class MetricRegistry: Sendable {
    /// How many series (sets of labels) one metric may have, not counting the one for the rest.
    public static let maximumSeriesPerMetric = 1_000

    /// The value of the labels of the series that counts what has no series of its own.
    public static let overflowLabelValue = "other"

    /// The `Content-Type` of ``exposition()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let families = Mutex(MetricFamilies())

    /// A registry without metrics.
    public init() {}

    /// A counter: a sum that only grows, like requests or tokens.
    public func counter(
        _ name: String,
        help: String,
        labels: MetricLabels = [:]
    ) -> CounterMetric {
        let identity = SeriesIdentity(name: MetricName.counter(name), labels: labels)
        let series = families.withLock { $0.register(identity, .counter, help) }
        // What is not registered counts for its holder only.
        guard case .counter(let metric)? = series else { return CounterMetric(identity) }
        return metric
    }

    /// A gauge: a value that goes up and down, like open connections.
    public func gauge(
        _ name: String,
        help: String,
        labels: MetricLabels = [:]
    ) -> GaugeMetric {
        let identity = SeriesIdentity(name: MetricName.plain(name), labels: labels)
        let series = families.withLock { $0.register(identity, .gauge, help) }
        guard case .gauge(let metric)? = series else { return GaugeMetric(identity) }
        return metric
    }

    /// A histogram: how many observations were at most so large, like durations.
    ///
    /// All series of a metric have the buckets of the first.
    public func histogram(
        _ name: String,
        help: String,
        labels: MetricLabels = [:],
        buckets: HistogramBuckets
    ) -> HistogramMetric {
        let identity = SeriesIdentity(name: MetricName.plain(name), labels: labels)
        let series = families.withLock { $0.register(identity, .histogram(buckets), help) }
        guard case .histogram(let metric)? = series else {
            return HistogramMetric(identity, buckets: buckets)
        }
        return metric
    }

    /// A counter whose value is asked for when the metrics are read.
    ///
    /// Registering it again replaces `read`, which is called outside of any lock of the registry.
    /// Beyond ``maximumSeriesPerMetric`` it is not shown.
    public func counter(
        _ name: String,
        help: String,
        labels: MetricLabels = [:],
        read: @escaping @Sendable () -> Double
    ) {
        let identity = SeriesIdentity(name: MetricName.counter(name), labels: labels)
        families.withLock { $0.register(identity, .counter, help, reading: read) }
    }

    /// A gauge whose value is asked for when the metrics are read.
    ///
    /// Registering it again replaces `read`, which is called outside of any lock of the registry.
    /// Beyond ``maximumSeriesPerMetric`` it is not shown.
    public func gauge(
        _ name: String,
        help: String,
        labels: MetricLabels = [:],
        read: @escaping @Sendable () -> Double
    ) {
        let identity = SeriesIdentity(name: MetricName.plain(name), labels: labels)
        families.withLock { $0.register(identity, .gauge, help, reading: read) }
    }

    /// All metrics as text, sorted by name and then by labels.
    public func exposition() -> [UInt8] {
        // Reading closures may take their time, or come back here: not under the lock.
        let snapshot = families.withLock { $0 }
        var writer = ExpositionWriter()
        for family in snapshot.sorted { writer.write(family) }
        return writer.bytes
    }

    /// Forgets the series of this metric; whoever still holds it counts for itself only.
    func remove(_ metric: AnyObject, _ identity: SeriesIdentity) {
        families.withLock { $0.remove(metric, identity) }
    }
}
