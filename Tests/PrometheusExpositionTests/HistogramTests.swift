import PrometheusExposition
import Testing

@Suite("Histograms")
struct HistogramTests {
    let registry = MetricRegistry()

    @Test("buckets are cumulative, and each includes its bound")
    func cumulative() {
        let histogram = registry.histogram("h", help: "", buckets: [1, 2, 4])
        for value in [-1, 1, 1.5, 2, 2.000_1, 4, 4.000_1, .infinity] { histogram.record(value) }
        #expect(
            registry.samples == [
                #"h_bucket{le="1"} 2"#,
                #"h_bucket{le="2"} 4"#,
                #"h_bucket{le="4"} 6"#,
                #"h_bucket{le="+Inf"} 8"#,
                "h_sum +Inf",
                "h_count 8",
            ]
        )
    }

    @Test("buckets never fall along the bounds, whatever is recorded")
    func monotonic() {
        let histogram = registry.histogram("h", help: "", buckets: .durations)
        var value = 0.000_01
        while value < 100 {
            histogram.record(value)
            value *= 1.3
        }
        let counts = registry.samples.filter { $0.hasPrefix("h_bucket") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts.count == HistogramBuckets.durations.upperBounds.count + 1)
        #expect(counts == counts.sorted())
        #expect(UInt64(counts.last ?? 0) == histogram.count)
    }

    @Test("NaN is ignored")
    func notANumber() {
        let histogram = registry.histogram("h", help: "", buckets: [1])
        histogram.record(.nan)
        #expect(registry.samples.last == "h_count 0")
    }

    @Test("bounds are sorted, and lose what is no bound")
    func bounds() {
        let buckets: HistogramBuckets = [3, 1, .infinity, 1, .nan, 2]
        #expect(buckets.upperBounds == [1, 2, 3])
        #expect(HistogramBuckets.durations.upperBounds.first == 0.000_1)
        #expect(HistogramBuckets.durations.upperBounds.last == 10)
    }
}
