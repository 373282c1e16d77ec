import HTTPTypes
import Hummingbird
import PrometheusExposition
import QuotaModel
import QuotaNode
import StrictJSON

/// `/livez`, `/readyz`, `/metrics` and `/openapi.yaml`: for those who run the server.
///
/// No credential is needed.
struct OperationRoutes: Sendable {
    let routes: APIRoutes
    let readiness: Readiness

    func add(to router: RouteCollector) {
        routes.add(.get, "/livez", to: router) { _ throws(Problem) in
            .json { $0.member("status", "alive") }
        }
        routes.add(.get, "/readyz", to: router) { _ throws(Problem) in
            guard readiness.isReady else {
                throw Problem(.serviceUnavailable, "the server is starting or stopping")
            }
            return .json { $0.member("status", "ready") }
        }
        routes.add(.get, "/openapi.yaml", to: router) { _ throws(Problem) in
            APIAnswer(
                .ok, headers: [.contentType: "application/yaml"],
                body: PackageResources.openapi_yaml)
        }
        routes.add(.get, "/metrics", to: router) { _ throws(Problem) in
            routes.metrics.observeShadow(routes.node)
            return APIAnswer(
                .ok, headers: [.contentType: MetricRegistry.contentType],
                body: routes.metrics.registry.exposition())
        }
    }
}
