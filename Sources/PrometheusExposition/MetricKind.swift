/// The type of a metric, and what its series need.
enum MetricKind: Sendable {
    case counter
    case gauge
    case histogram(HistogramBuckets)

    /// The type as the `# TYPE` line has it.
    var typeName: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    func makeSeries(_ identity: SeriesIdentity) -> MetricSeries {
        switch self {
        case .counter: .counter(CounterMetric(identity))
        case .gauge: .gauge(GaugeMetric(identity))
        case .histogram(let buckets): .histogram(HistogramMetric(identity, buckets: buckets))
        }
    }
}
