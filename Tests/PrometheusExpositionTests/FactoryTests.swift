import CoreMetrics
import PrometheusExposition
import Testing

@Suite("Factory for swift-metrics")
struct FactoryTests {
    let registry = MetricRegistry()
    var factory: PrometheusMetricsFactory { PrometheusMetricsFactory(registry: registry) }

    @Test("every kind of metric, under the name Prometheus wants")
    func kinds() {
        let dimensions = [("http.route", "/api/v1/consume")]
        factory.makeCounter(label: "hb.requests", dimensions: dimensions).increment(by: 2)
        factory.makeFloatingPointCounter(label: "cost", dimensions: []).increment(by: 0.5)
        factory.makeMeter(label: "http.server.active_requests", dimensions: []).set(Int64(3))
        factory.makeRecorder(label: "last", dimensions: [], aggregate: false).record(Int64(9))
        #expect(
            registry.text == """
                # HELP cost_total cost
                # TYPE cost_total counter
                cost_total 0.5
                # HELP hb_requests_total hb.requests
                # TYPE hb_requests_total counter
                hb_requests_total{http_route="/api/v1/consume"} 2
                # HELP http_server_active_requests http.server.active_requests
                # TYPE http_server_active_requests gauge
                http_server_active_requests 3
                # HELP last last
                # TYPE last gauge
                last 9

                """
        )
    }

    @Test("timers are histograms in seconds, with buckets and help by label")
    func timers() {
        var factory = factory
        factory.buckets["http.server.request.duration"] = [0.01, 1]
        factory.help["http.server.request.duration"] = "Time to answer."
        let timer = factory.makeTimer(label: "http.server.request.duration", dimensions: [])
        timer.preferDisplayUnit(.milliseconds)
        timer.recordNanoseconds(5_000_000)
        timer.recordNanoseconds(500_000_000)
        #expect(
            registry.text == """
                # HELP http_server_request_duration_seconds Time to answer.
                # TYPE http_server_request_duration_seconds histogram
                http_server_request_duration_seconds_bucket{le="0.01"} 1
                http_server_request_duration_seconds_bucket{le="1"} 2
                http_server_request_duration_seconds_bucket{le="+Inf"} 2
                http_server_request_duration_seconds_sum 0.505
                http_server_request_duration_seconds_count 2

                """
        )
    }

    @Test("recorders that aggregate are histograms of quantities")
    func recorders() {
        let recorder = factory.makeRecorder(
            label: "gen_ai.client.token.usage",
            dimensions: [],
            aggregate: true
        )
        recorder.record(Int64(1200))
        #expect(registry.samples.contains(#"gen_ai_client_token_usage_bucket{le="1000"} 0"#))
        #expect(registry.samples.contains(#"gen_ai_client_token_usage_bucket{le="5000"} 1"#))
    }

    @Test("meters go up and down")
    func meters() {
        let meter = factory.makeMeter(label: "m", dimensions: [])
        meter.set(2.5)
        meter.increment(by: 1)
        meter.decrement(by: 3)
        #expect(registry.samples == ["m 0.5"])
    }

    @Test("what is destroyed is gone, and begins anew when it is made again")
    func destroying() {
        let counter = factory.makeCounter(label: "c", dimensions: [])
        counter.increment(by: 1)
        factory.destroyCounter(counter)
        #expect(registry.text == "")
        counter.increment(by: 1)
        let again = factory.makeCounter(label: "c", dimensions: [])
        again.increment(by: 5)
        // An old handle does not take its successor with it.
        factory.destroyCounter(counter)
        #expect(registry.samples == ["c_total 5"])
        let timer = factory.makeTimer(label: "t", dimensions: [])
        factory.destroyTimer(timer)
        let recorder = factory.makeRecorder(label: "r", dimensions: [], aggregate: false)
        factory.destroyRecorder(recorder)
        #expect(registry.samples == ["c_total 5"])
    }

    @Test("the handles of swift-metrics reach the registry")
    func handles() {
        let factory = factory
        let counter = Counter(label: "c", dimensions: [("a", "b")], factory: factory)
        counter.increment(by: 3)
        let timer = Timer(label: "t", dimensions: [], factory: factory)
        timer.recordSeconds(20)
        let samples = registry.samples
        #expect(samples.contains(#"c_total{a="b"} 3"#))
        #expect(samples.contains(#"t_seconds_bucket{le="10"} 0"#))
        #expect(samples.contains("t_seconds_sum 20"))
    }
}
