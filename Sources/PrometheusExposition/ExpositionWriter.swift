/// Writes the text format, line by line.
struct ExpositionWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ family: MetricFamily) {
        guard !family.isEmpty else { return }
        write("# HELP ", family.name, " ", Self.escapeHelp(family.help), "\n")
        write("# TYPE ", family.name, " ", family.kind.typeName, "\n")
        for (labels, series) in family.sortedSeries {
            switch series {
            case .counter(let metric): line(family.name, labels.text, Self.number(metric.value))
            case .gauge(let metric): line(family.name, labels.text, Self.number(metric.value))
            case .reading(let read): line(family.name, labels.text, Self.number(read()))
            case .histogram(let metric): histogram(family.name, labels, metric)
            }
        }
    }

    private mutating func histogram(
        _ name: String,
        _ labels: MetricLabels,
        _ metric: HistogramMetric
    ) {
        let observations = metric.observations
        let prefix = labels.isEmpty ? "" : labels.text + ","
        var cumulative: UInt64 = 0
        for (index, count) in observations.counts.enumerated() {
            cumulative += count
            let bounds = metric.buckets.upperBounds
            let bound = index < bounds.count ? bounds[index] : .infinity
            line(name + "_bucket", "\(prefix)le=\"\(Self.number(bound))\"", String(cumulative))
        }
        line(name + "_sum", labels.text, Self.number(observations.sum))
        line(name + "_count", labels.text, String(cumulative))
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        if labels.isEmpty {
            write(name, " ", value, "\n")
        } else {
            write(name, "{", labels, "} ", value, "\n")
        }
    }

    private mutating func write(_ parts: String...) {
        for part in parts { bytes.append(contentsOf: part.utf8) }
    }

    /// As Prometheus writes numbers itself: integers without a fraction, `+Inf`, `NaN`.
    static func number(_ value: Double) -> String {
        if let integer = Int64(exactly: value), value.sign == .plus || integer != 0 {
            return String(integer)
        }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.description
    }

    private static func escapeHelp(_ help: String) -> String {
        var escaped = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
