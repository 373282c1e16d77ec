import PrometheusExposition
import QuotaModel
import QuotaNode
import StrictJSON

extension APIMetrics {
    /// Shows what limits would have refused that do not hold: each limit from its first refusal on.
    func observeShadow(_ node: QuotaNode) {
        for limit in node.shadowRefusalsByLimit.keys {
            registry.counter(
                "weir_shadow_refusals_total",
                help: "Requests that a limit in shadow mode would have refused.",
                labels: [
                    "plan": limit.plan.text, "meter": limit.meter.text, "limit": limit.name,
                ]
            ) { [weak node] in Double(node?.shadowRefusalsByLimit[limit] ?? 0) }
        }
    }
}

extension ShadowRefusals.Row {
    /// Writes what the API shows.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("tenant", tenant.text)
            writer.member("limit", limit)
            writer.member("meter", meter.text)
            writer.member("requests", requests)
            writer.member("units", units)
            writer.member("first_at", first.truncatedToMilliseconds)
            writer.member("last_at", last.truncatedToMilliseconds)
        }
    }
}
