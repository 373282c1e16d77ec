/// The upper bounds of a histogram's buckets, ascending; a last one for everything is implied.
public struct HistogramBuckets: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// The bounds, ascending, finite, none twice.
    public let upperBounds: [Double]

    /// Buckets with these bounds, which are sorted; what is not finite or comes twice is dropped.
    public init(_ upperBounds: some Sequence<Double>) {
        self.upperBounds = Set(upperBounds.filter(\.isFinite)).sorted()
    }

    /// Buckets with these bounds, which are sorted; what is not finite or comes twice is dropped.
    public init(arrayLiteral elements: Double...) {
        self.init(elements)
    }

    /// 100 µs to 10 s, in seconds: the time a request takes.
    public static let durations: HistogramBuckets = [
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
        2.5, 5, 10,
    ]

    /// 1 to 1,000,000: tokens, bytes, items.
    public static let quantities: HistogramBuckets = [
        1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000,
    ]

    /// The bucket that counts `value`: the first whose bound is not below it, or the last.
    func index(of value: Double) -> Int {
        var low = 0
        var high = upperBounds.count
        while low < high {
            let middle = (low + high) / 2
            if upperBounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
