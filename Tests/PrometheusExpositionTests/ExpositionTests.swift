import PrometheusExposition
import Testing

@Suite("Exposition")
struct ExpositionTests {
    let registry = MetricRegistry()

    @Test("the text, to the byte")
    func text() {
        let decisions = registry.counter(
            "weir_decisions_total",
            help: "Decisions made.",
            labels: ["plan": "free", "outcome": "refused"]
        )
        decisions.increment(by: 41)
        decisions.increment()
        registry.counter(
            "weir_decisions_total",
            help: "Only the first help counts.",
            labels: ["plan": "free", "outcome": "allowed"]
        )
        .increment(by: 0.5)
        registry.gauge("weir_connections", help: "Connections now open.").set(7)
        registry.gauge("weir_open_reservations", help: "Reservations now open.") { 3 }
        let time = registry.histogram(
            "weir_request_seconds",
            help: "Time a request took.",
            labels: ["route": "consume"],
            buckets: [0.001, 0.1, 1]
        )
        time.record(0.000_5)
        time.record(.milliseconds(250))
        time.record(0.001)
        time.record(Int64(5))
        #expect(
            registry.text == """
                # HELP weir_connections Connections now open.
                # TYPE weir_connections gauge
                weir_connections 7
                # HELP weir_decisions_total Decisions made.
                # TYPE weir_decisions_total counter
                weir_decisions_total{outcome="allowed",plan="free"} 0.5
                weir_decisions_total{outcome="refused",plan="free"} 42
                # HELP weir_open_reservations Reservations now open.
                # TYPE weir_open_reservations gauge
                weir_open_reservations 3
                # HELP weir_request_seconds Time a request took.
                # TYPE weir_request_seconds histogram
                weir_request_seconds_bucket{route="consume",le="0.001"} 2
                weir_request_seconds_bucket{route="consume",le="0.1"} 2
                weir_request_seconds_bucket{route="consume",le="1"} 3
                weir_request_seconds_bucket{route="consume",le="+Inf"} 4
                weir_request_seconds_sum{route="consume"} 5.2515
                weir_request_seconds_count{route="consume"} 4

                """
        )
    }

    @Test("no metrics, no text")
    func empty() {
        #expect(registry.text == "")
    }

    @Test("labels are escaped, help too")
    func escaping() {
        registry.gauge("g", help: "a\\b\n\"c\"", labels: ["path": "C:\\x\n\"é\""]).set(1)
        #expect(
            registry.text == """
                # HELP g a\\\\b\\n"c"
                # TYPE g gauge
                g{path="C:\\\\x\\n\\"é\\""} 1

                """
        )
    }

    @Test(
        "numbers are written as Prometheus reads them",
        arguments: [
            (0, "0"), (-0.0, "-0.0"), (1_234_567, "1234567"), (-2, "-2"), (0.1, "0.1"),
            (1e300, "1e+300"), (9_007_199_254_740_992, "9007199254740992"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func numbers(value: Double, expected: String) {
        registry.gauge("g", help: "").set(value)
        #expect(registry.samples == ["g \(expected)"])
    }

    @Test("the order of labels makes no difference, and a repeated one is dropped")
    func labels() {
        let first: MetricLabels = ["b": "2", "a": "1"]
        let second = MetricLabels([("a", "1"), ("b", "2"), ("a", "3")])
        #expect(first == second)
        registry.counter("c", help: "", labels: first).increment()
        registry.counter("c", help: "", labels: second).increment()
        #expect(registry.samples == [#"c_total{a="1",b="2"} 2"#])
    }

    @Test(
        "names are mended",
        arguments: [
            ("a.b-c/d e", "a_b_c_d_e"), ("9lives", "_9lives"), ("", "_"), ("é😀", "__"),
            ("ns:ok_1", "ns:ok_1"),
        ]
    )
    func names(name: String, expected: String) {
        registry.gauge(name, help: "", labels: ["x.\(name)": "v"]).set(1)
        let label =
            "x_" + name.unicodeScalars.map { $0.isLabelCharacter ? String($0) : "_" }.joined()
        #expect(registry.samples == ["\(expected){\(label)=\"v\"} 1"])
    }

    @Test("label names that Prometheus keeps for itself get a prefix")
    func reservedLabels() {
        let labels: MetricLabels = ["le": "1", "__name__": "x", "7": "y"]
        registry.histogram("h", help: "", labels: labels, buckets: []).record(1.0)
        #expect(
            registry.samples.last
                == #"h_count{_7="y",label___name__="x",label_le="1"} 1"#
        )
    }
}

extension Unicode.Scalar {
    fileprivate var isLabelCharacter: Bool {
        isASCII && (properties.isAlphabetic || ("0"..."9").contains(self) || self == "_")
    }
}
