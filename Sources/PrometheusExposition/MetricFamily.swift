/// One metric: its type, and a series per set of labels.
struct MetricFamily: Sendable {
    /// What became of a request to supply a series by a closure.
    enum ReadingOutcome {
        case done
        /// There are as many series as there may be.
        case full
        /// The series exists already, and is not supplied by a closure.
        case taken
    }

    let name: String
    let kind: MetricKind
    let help: String
    private var series: [MetricLabels: MetricSeries] = [:]
    /// The labels of the series that counts what has no series of its own.
    private var restLabels: MetricLabels?

    init(name: String, kind: MetricKind, help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    var isEmpty: Bool { series.isEmpty }

    var sortedSeries: [(labels: MetricLabels, series: MetricSeries)] {
        series.map { (labels: $0.key, series: $0.value) }
            .sorted { $0.labels.text < $1.labels.text }
    }

    /// The series for these labels, made if need be, or the one for the rest when there are too
    /// many.
    mutating func series(for labels: MetricLabels) -> (series: MetricSeries, isRest: Bool) {
        if let existing = series[labels] { return (existing, false) }
        guard isFull, !labels.isEmpty else { return (make(labels), false) }
        let rest = restLabels ?? labels.replacingValues(with: MetricRegistry.overflowLabelValue)
        restLabels = rest
        return (series[rest] ?? make(rest), true)
    }

    mutating func setReading(
        _ read: @escaping @Sendable () -> Double,
        for labels: MetricLabels
    ) -> ReadingOutcome {
        switch series[labels] {
        case .reading: break
        case nil: if isFull, !labels.isEmpty { return .full }
        default: return .taken
        }
        series[labels] = .reading(read)
        return .done
    }

    mutating func remove(_ metric: AnyObject, _ labels: MetricLabels) {
        // Many share the series for the rest; one of them leaving is no reason to drop it.
        guard labels != restLabels, series[labels]?.metric === metric else { return }
        series[labels] = nil
    }

    private var isFull: Bool {
        series.count - (restLabels == nil ? 0 : 1) >= MetricRegistry.maximumSeriesPerMetric
    }

    private mutating func make(_ labels: MetricLabels) -> MetricSeries {
        let made = kind.makeSeries(SeriesIdentity(name: name, labels: labels))
        series[labels] = made
        return made
    }
}
