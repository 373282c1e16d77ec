public import CoreMetrics

/// Makes the metrics that libraries ask swift-metrics for, in a ``MetricRegistry``.
///
/// Labels become names of Prometheus: `http.server.request.duration`, a timer, is shown as
/// `http_server_request_duration_seconds`; counters end in `_total`. Timers and recorders are
/// histograms; a recorder that does not aggregate is a gauge, and so is a meter.
public struct PrometheusMetricsFactory: Sendable {
    /// Where the metrics are kept.
    public let registry: MetricRegistry
    /// The buckets of timers and recorders by their swift-metrics label; a timer's in seconds.
    public var buckets: [String: HistogramBuckets] = [:]
    /// The buckets of timers that have none of their own.
    public var timerBuckets = HistogramBuckets.durations
    /// The buckets of recorders that have none of their own.
    public var recorderBuckets = HistogramBuckets.quantities
    /// The help by swift-metrics label; without one it is the label itself.
    public var help: [String: String] = [:]

    /// A factory that keeps its metrics in `registry`.
    public init(registry: MetricRegistry) {
        self.registry = registry
    }

    private func help(for label: String) -> String {
        help[label] ?? label
    }
}

extension PrometheusMetricsFactory: MetricsFactory {
    /// A counter.
    public func makeCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any CounterHandler {
        registry.counter(label, help: help(for: label), labels: MetricLabels(dimensions))
    }

    /// A counter that takes fractions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        registry.counter(label, help: help(for: label), labels: MetricLabels(dimensions))
    }

    /// A gauge.
    public func makeMeter(
        label: String,
        dimensions: [(String, String)]
    ) -> any MeterHandler {
        registry.gauge(label, help: help(for: label), labels: MetricLabels(dimensions))
    }

    /// A histogram, or a gauge when it is not to aggregate.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let labels = MetricLabels(dimensions)
        guard aggregate else {
            return registry.gauge(label, help: help(for: label), labels: labels)
        }
        return registry.histogram(
            label,
            help: help(for: label),
            labels: labels,
            buckets: buckets[label] ?? recorderBuckets
        )
    }

    /// A histogram in seconds.
    public func makeTimer(
        label: String,
        dimensions: [(String, String)]
    ) -> any TimerHandler {
        registry.histogram(
            MetricName.timer(label),
            help: help(for: label),
            labels: MetricLabels(dimensions),
            buckets: buckets[label] ?? timerBuckets
        )
    }

    /// Forgets a counter.
    public func destroyCounter(_ handler: any CounterHandler) {
        destroy(handler)
    }

    /// Forgets a counter that takes fractions.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        destroy(handler)
    }

    /// Forgets a gauge.
    public func destroyMeter(_ handler: any MeterHandler) {
        destroy(handler)
    }

    /// Forgets a recorder.
    public func destroyRecorder(_ handler: any RecorderHandler) {
        destroy(handler)
    }

    /// Forgets a timer.
    public func destroyTimer(_ handler: any TimerHandler) {
        destroy(handler)
    }

    private func destroy(_ handler: AnyObject) {
        switch handler {
        case let metric as CounterMetric: registry.remove(metric, metric.identity)
        case let metric as GaugeMetric: registry.remove(metric, metric.identity)
        case let metric as HistogramMetric: registry.remove(metric, metric.identity)
        default: break
        }
    }
}
