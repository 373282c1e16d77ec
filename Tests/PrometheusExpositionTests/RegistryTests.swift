import PrometheusExposition
import Synchronization
import Testing

@Suite("Registry")
struct RegistryTests {
    let registry = MetricRegistry()

    @Test("the same name and labels give the same metric")
    func identity() {
        let labels: MetricLabels = ["plan": "free"]
        #expect(
            registry.counter("c", help: "", labels: labels)
                === registry.counter("c_total", help: "", labels: labels)
        )
        #expect(registry.gauge("g", help: "") === registry.gauge("g", help: ""))
        let first = registry.histogram("h", help: "", buckets: [1])
        #expect(first === registry.histogram("h", help: "", buckets: [2]))
    }

    @Test("counters never fall")
    func counters() {
        let counter = registry.counter("c", help: "")
        counter.increment(by: 5)
        counter.increment(by: -3)
        counter.increment(by: 0.25)
        for amount in [-1.0, .nan, .infinity, 0] { counter.increment(by: amount) }
        counter.increment(by: UInt64(2))
        #expect(counter.value == 7.25)
        counter.reset()
        #expect(counter.value == 0)
        counter.increment(by: Int64.max)
        counter.increment(by: Int64.max)
        #expect(!registry.text.isEmpty)
    }

    @Test("a name of another type is refused: the metric works, is not shown, and is counted")
    func conflicts() {
        registry.counter("x_total", help: "").increment()
        let gauge = registry.gauge("x_total", help: "")
        gauge.set(5)
        #expect(gauge.value == 5)
        let histogram = registry.histogram("x_total", help: "", buckets: [1])
        histogram.record(1.0)
        #expect(histogram.count == 1)
        registry.gauge("x_total", help: "") { 9 }
        // A counter that is counted cannot be supplied by a closure as well, nor the reverse.
        registry.counter("x_total", help: "") { 9 }
        registry.gauge("y", help: "") { 1 }
        registry.gauge("y", help: "").set(2)
        #expect(
            registry.samples == [
                #"weir_metrics_conflicts_total{metric="x_total"} 4"#,
                #"weir_metrics_conflicts_total{metric="y"} 1"#,
                "x_total 1",
                "y 1",
            ]
        )
    }

    @Test("a histogram also owns the names of its parts")
    func histogramParts() {
        _ = registry.histogram("h", help: "", buckets: [1])
        registry.gauge("h_count", help: "").set(1)
        registry.gauge("g_sum", help: "").set(1)
        registry.histogram("g", help: "", buckets: [1]).record(1.0)
        #expect(registry.text.contains(#"weir_metrics_conflicts_total{metric="h_count"} 1"#))
        #expect(registry.text.contains(#"weir_metrics_conflicts_total{metric="g"} 1"#))
        #expect(!registry.text.contains("g_bucket"))
        // Without such a histogram the names are free.
        #expect(registry.samples.contains("g_sum 1"))
    }

    @Test("series beyond the cap are counted in one, labelled as such")
    func overflow() {
        let cap = MetricRegistry.maximumSeriesPerMetric
        for index in 0..<cap + 50 {
            registry.counter("c", help: "", labels: ["id": "\(index)"]).increment()
        }
        registry.counter("c", help: "", labels: ["another": "x"]).increment()
        // Known series still count for themselves, and one without labels is always known.
        registry.counter("c", help: "", labels: ["id": "7"]).increment()
        registry.counter("c", help: "").increment()
        let samples = registry.samples
        #expect(samples.filter { $0.hasPrefix("c_total") }.count == cap + 2)
        #expect(samples.contains(#"c_total{id="7"} 2"#))
        #expect(samples.contains(#"c_total{id="other"} 51"#))
        #expect(samples.contains("c_total 1"))
        #expect(samples.contains(#"weir_metrics_overflow_total{metric="c_total"} 51"#))
    }

    @Test("the series for the rest may have had a life of its own")
    func overflowMeetsOther() {
        let other = registry.counter("c", help: "", labels: ["id": "other"])
        for index in 1..<MetricRegistry.maximumSeriesPerMetric {
            _ = registry.counter("c", help: "", labels: ["id": "\(index)"])
        }
        #expect(registry.counter("c", help: "", labels: ["id": "more"]) === other)
    }

    @Test("closures beyond the cap are not shown, but counted")
    func readingOverflow() {
        for index in 0...MetricRegistry.maximumSeriesPerMetric {
            registry.gauge("g", help: "", labels: ["id": "\(index)"]) { 1 }
        }
        let samples = registry.samples
        #expect(samples.count == MetricRegistry.maximumSeriesPerMetric + 1)
        #expect(samples.last == #"weir_metrics_overflow_total{metric="g"} 1"#)
    }

    @Test("closures are asked at every reading, may be replaced, and may use the registry")
    func readings() {
        let calls = Mutex(0)
        registry.counter("reads", help: "") {
            calls.withLock { $0 += 1 }
            return calls.withLock { Double($0) }
        }
        registry.gauge("g", help: "") { 1 }
        registry.gauge("g", help: "") { [registry] in
            registry.counter("inner", help: "").increment()
            return 2
        }
        #expect(registry.samples == ["g 2", "reads_total 1"])
        #expect(registry.samples == ["g 2", "inner_total 2", "reads_total 2"])
    }

    @Test("many threads together lose nothing")
    func concurrency() async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { [registry] in
                    for round in 0..<2_000 {
                        registry.counter("c", help: "", labels: ["task": "\(task % 2)"]).increment()
                        registry.counter("f", help: "").increment(by: 0.5)
                        registry.gauge("g", help: "").increment(by: 1)
                        registry.histogram("h", help: "", buckets: [0.5]).record(Double(round % 2))
                        if round % 500 == 0 { _ = registry.exposition() }
                    }
                }
            }
        }
        #expect(
            registry.samples == [
                #"c_total{task="0"} 8000"#,
                #"c_total{task="1"} 8000"#,
                "f_total 8000",
                "g 16000",
                #"h_bucket{le="0.5"} 8000"#,
                #"h_bucket{le="+Inf"} 16000"#,
                "h_sum 8000",
                "h_count 16000",
            ]
        )
    }
}
