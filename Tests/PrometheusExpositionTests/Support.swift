import PrometheusExposition

extension MetricRegistry {
    /// The exposition as text.
    var text: String {
        String(decoding: exposition(), as: UTF8.self)
    }

    /// The lines that are no comments.
    var samples: [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}
