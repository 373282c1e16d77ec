import PrometheusExposition
import QuotaModel
import Synchronization

/// What the gateway counts: bounded labels only, never a tenant or key.
final class GatewayMetrics: Sendable {
    private struct RequestKey: Hashable {
        let model: String
        let endpoint: String
        let plan: String
        let outcome: String
    }

    private struct DecisionKey: Hashable {
        let plan: PlanID
        let reason: Refusal.Reason?
    }

    /// The most kinds of decisions whose counters are kept at hand.
    private static let maximumKinds = 1_024

    private struct Requests {
        let count: CounterMetric
        let seconds: HistogramMetric
    }

    private struct BackendKey: Hashable {
        let model: String
        let backend: String
        let outcome: String
    }

    private let registry: MetricRegistry
    private let decisions = Mutex<[DecisionKey: CounterMetric]>([:])
    private let requests = Mutex<[RequestKey: Requests]>([:])
    private let attempts = Mutex<[BackendKey: CounterMetric]>([:])
    private let tokens = Mutex<[String: (input: CounterMetric, output: CounterMetric)]>([:])

    init(registry: MetricRegistry) {
        self.registry = registry
    }

    /// Counts a decision.
    func count(_ decision: Decision) {
        let key = DecisionKey(plan: decision.plan, reason: decision.deniedBy?.reason)
        decisions.withLock { decisions in
            if let known = decisions[key] { return known }
            let new = registry.counter(
                "weir_decisions_total",
                help: "Decisions, by operation, plan and outcome.",
                labels: [
                    "operation": "gateway", "plan": decision.plan.text,
                    "outcome": decision.deniedBy?.reason.rawValue ?? "admitted",
                ])
            // Plans come and go.
            if decisions.count >= Self.maximumKinds { decisions = [:] }
            decisions[key] = new
            return new
        }
        .increment()
        guard let limit = decision.deniedBy?.limitID else { return }
        registry.counter(
            "weir_refusals_total", help: "Refusals, by the limit that refused.",
            labels: ["limit": limit]
        )
        .increment()
    }

    /// Counts a request that is over, and how long it took.
    func count(
        model: String,
        endpoint: String,
        plan: String,
        outcome: String,
        nanoseconds: Int64
    ) {
        let key = RequestKey(model: model, endpoint: endpoint, plan: plan, outcome: outcome)
        let known = requests.withLock { requests in
            if let known = requests[key] { return known }
            let labels: MetricLabels = [
                "gen_ai_request_model": model, "gen_ai_operation_name": endpoint,
                "plan": plan, "outcome": outcome,
            ]
            let new = Requests(
                count: registry.counter(
                    "weir_gateway_requests_total",
                    help: "Requests to backends, by model, endpoint, plan and outcome.",
                    labels: labels),
                seconds: registry.histogram(
                    "gen_ai_server_request_duration_seconds",
                    help: "Time from the whole request to the end of its answer.", labels: labels,
                    buckets: .durations))
            if requests.count >= Self.maximumKinds { requests = [:] }
            requests[key] = new
            return new
        }
        known.count.increment()
        known.seconds.record(Double(nanoseconds) / 1e9)
    }

    /// Counts an attempt at a backend.
    func count(model: String, backend: String, outcome: String) {
        let key = BackendKey(model: model, backend: backend, outcome: outcome)
        attempts.withLock { attempts in
            if let known = attempts[key] { return known }
            let new = registry.counter(
                "weir_gateway_attempts_total",
                help: "Attempts at backends, by model, backend and outcome.",
                labels: ["model": model, "backend": backend, "outcome": outcome])
            attempts[key] = new
            return new
        }
        .increment()
    }

    /// Counts tokens.
    func count(model: String, input: Int64, output: Int64) {
        let known = tokens.withLock { tokens in
            if let known = tokens[model] { return known }
            let counter = { (type: String) in
                self.registry.counter(
                    "gen_ai_client_token_usage_total", help: "Tokens that were booked.",
                    labels: ["gen_ai_request_model": model, "gen_ai_token_type": type])
            }
            let new = (input: counter("input"), output: counter("output"))
            tokens[model] = new
            return new
        }
        known.input.increment(by: input)
        known.output.increment(by: output)
    }
}
