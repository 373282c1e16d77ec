/// One measured figure.
struct BenchResult: Sendable {
    /// What the figure is compared with, measured in the same run.
    struct Baseline: Sendable {
        var name: String
        var value: Double
    }

    /// What the figure must reach.
    enum Target: Sendable {
        /// Value divided by baseline.
        case ratioAtLeast(Double)
        case valueAtLeast(Double)
        case valueAtMost(Double)
    }

    /// For example `http/consume`.
    var bench: String
    var value: Double
    /// For example `requests/s`.
    var unit: String
    var baseline: Baseline?
    var target: Target?

    /// Value divided by baseline, nil without one.
    var ratio: Double? {
        baseline.flatMap { $0.value > 0 ? value / $0.value : nil }
    }

    /// Whether the target is reached, nil without one.
    var isMet: Bool? {
        switch target {
        case nil: nil
        case .ratioAtLeast(let bound): ratio.map { $0 >= bound } ?? false
        case .valueAtLeast(let bound): value >= bound
        case .valueAtMost(let bound): value <= bound
        }
    }
}
