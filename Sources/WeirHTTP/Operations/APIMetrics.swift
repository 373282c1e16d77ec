import HTTPTypes
public import PrometheusExposition
import QuotaModel
public import QuotaNode
import Synchronization

/// What the API counts: bounded labels only, never a tenant or key.
public struct APIMetrics: Sendable {
    let registry: MetricRegistry
    /// A clock that only goes forward, in nanoseconds.
    let clock: @Sendable () -> Int64

    /// Creates the metrics of an API.
    ///
    /// - Parameters:
    ///   - registry: where they are kept.
    ///   - clock: a clock that only goes forward, in nanoseconds.
    public init(registry: MetricRegistry, clock: @escaping @Sendable () -> Int64) {
        self.registry = registry
        self.clock = clock
    }

    /// What one route counts, under OpenTelemetry's names.
    final class Recorder: Sendable {
        private let registry: MetricRegistry
        private let method: String
        private let route: String
        private let durations = Mutex<[Int: HistogramMetric]>([:])

        init(registry: MetricRegistry, method: String, route: String) {
            self.registry = registry
            self.method = method
            self.route = route
        }

        func record(_ status: HTTPResponse.Status, nanoseconds: Int64) {
            duration(status.code).record(Double(nanoseconds) / 1e9)
        }

        private func duration(_ status: Int) -> HistogramMetric {
            durations.withLock { durations in
                if let known = durations[status] { return known }
                let duration = registry.histogram(
                    "http_server_request_duration_seconds",
                    help: "Time from the request's head to its answer.",
                    labels: [
                        "http_request_method": method, "http_route": route,
                        "http_response_status_code": String(status),
                    ],
                    buckets: .durations)
                durations[status] = duration
                return duration
            }
        }
    }

    func recorder(method: HTTPRequest.Method, route: String) -> Recorder {
        Recorder(registry: registry, method: method.rawValue, route: route)
    }

    /// Counts a decision.
    func count(_ decision: Decision, operation: String) {
        let outcome = decision.deniedBy?.reason.rawValue ?? "admitted"
        registry.counter(
            "weir_decisions_total",
            help: "Decisions, by operation, plan and outcome.",
            labels: ["operation": operation, "plan": decision.plan.text, "outcome": outcome]
        )
        .increment()
        if let limit = decision.deniedBy?.limitID {
            registry.counter(
                "weir_refusals_total", help: "Refusals, by the limit that refused.",
                labels: ["limit": limit]
            )
            .increment()
        }
    }

    /// Counts decisions that admitted, many at once.
    func countAdmitted(_ count: Int64, plan: String, operation: String) {
        admitted(plan: plan, operation: operation).increment(by: count)
    }

    /// What counts decisions that admit.
    func admitted(plan: String, operation: String) -> CounterMetric {
        registry.counter(
            "weir_decisions_total",
            help: "Decisions, by operation, plan and outcome.",
            labels: ["operation": operation, "plan": plan, "outcome": "admitted"]
        )
    }

    /// Shows what the node counts.
    public func observe(_ node: QuotaNode) {
        registry.counter(
            "weir_decisions_from_memory_total",
            help: "Decisions that made no call to the store."
        ) { Double(node.statistics.hits) }
        registry.counter(
            "weir_decisions_from_store_total", help: "Decisions that made a call to the store."
        ) { Double(node.statistics.misses) }
        registry.counter(
            "weir_decision_failures_total",
            help: "Decisions that could not be made because the store failed."
        ) { Double(node.statistics.failures) }
        registry.gauge(
            "weir_cache_entries", help: "Tenants whose compiled limits are cached."
        ) { Double(node.statistics.cacheSize) }
    }
}
