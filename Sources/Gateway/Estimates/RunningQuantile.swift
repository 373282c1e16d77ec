/// A quantile of numbers that come one by one, in sixteen bytes.
///
/// Each number moves the estimate by a share of itself: up by `step × quantile` when it is higher,
/// down by `step × (1 − quantile)` when it is not. It rests where that many numbers lie below it,
/// and follows when they change. The first steps are wider, so that it comes near quickly. Source:
/// A. Yazidi, H. L. Hammer, "Multiplicative Update Methods for Incremental Quantile Estimation"
/// (IEEE Transactions on Cybernetics, 2019).
struct RunningQuantile: Sendable {
    /// The widest step, the first one.
    private static let firstStep: Float = 0.5
    /// The step that remains: it keeps the estimate within about a tenth of where it belongs.
    private static let lastStep: Float = 1.0 / 32
    /// Numbers are taken to be in this range, which keeps all arithmetic in range too.
    private static let range: ClosedRange<Double> = 1...1e15

    /// The estimate; at least 1.
    private(set) var value: Double
    private var step = firstStep

    /// Begins at a guess.
    init(from guess: Double) {
        value = min(max(guess, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Learns a number.
    mutating func observe(_ number: Double, quantile: Double) {
        let share = number > value ? quantile : quantile - 1
        let moved = value * (1 + Double(step) * share)
        value = min(max(moved, Self.range.lowerBound), Self.range.upperBound)
        step = max(Self.lastStep, step * 0.9)
    }
}
