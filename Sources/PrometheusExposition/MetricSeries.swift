/// What stands behind one line, or one histogram, of the text.
enum MetricSeries: Sendable {
    case counter(CounterMetric)
    case gauge(GaugeMetric)
    case histogram(HistogramMetric)
    /// A counter or gauge whose value is asked for when it is needed.
    case reading(@Sendable () -> Double)

    /// The metric that was handed out; nil when there is none.
    var metric: AnyObject? {
        switch self {
        case .counter(let metric): metric
        case .gauge(let metric): metric
        case .histogram(let metric): metric
        case .reading: nil
        }
    }
}

/// The name of a metric and the labels of one of its series.
struct SeriesIdentity: Sendable {
    let name: String
    let labels: MetricLabels
}
