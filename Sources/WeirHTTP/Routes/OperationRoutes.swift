import HTTPTypes
import Hummingbird
import PrometheusExposition
import QuotaModel
import QuotaNode
import StrictJSON

/// `/livez`, `/readyz` and `/metrics`: for those who run the server; no credential is needed.
struct OperationRoutes: Sendable {
    let routes: APIRoutes
    let readiness: Readiness

    func add(to router: Router<BasicRequestContext>) {
        routes.add(.get, "/livez", to: router) { _ throws(Problem) in
            .json { $0.member("status", "alive") }
        }
        routes.add(.get, "/readyz", to: router) { _ throws(Problem) in
            guard readiness.isReady else {
                throw Problem(.serviceUnavailable, "the server is starting or stopping")
            }
            return .json { $0.member("status", "ready") }
        }
        routes.add(.get, "/metrics", to: router) { _ throws(Problem) in
            APIAnswer(
                .ok, headers: [.contentType: MetricRegistry.contentType],
                body: routes.metrics.registry.exposition())
        }
    }
}
