import HTTPTypes
import Hummingbird
import QuotaModel
import QuotaNode

/// `/api/v1/forward-auth`: what nginx, Caddy and Traefik ask before they pass a request on.
struct ForwardAuthRoutes: Sendable {
    let routes: APIRoutes

    func add(to router: RouteCollector) {
        routes.add(.get, "/api/v1/forward-auth", to: router, authorize)
    }

    private func authorize(_ request: APIRequest) async throws(Problem) -> APIAnswer {
        var denyStatus: Int?
        var answer: APIAnswer
        do throws(Problem) {
            var query = try request.query()
            denyStatus = try query.integer("deny_status", in: 400...499)
            answer = try await decide(request, &query)
        } catch {
            answer = APIAnswer(error)
        }
        answer.headers[.weirStatus] = String(answer.status.code)
        // A wrong parameter is the proxy's configuration, and must not look like a refusal.
        let isDecided = ![.unprocessableContent, .badRequest, .unauthorized, .noContent]
            .contains(answer.status)
        if let denyStatus, isDecided {
            answer.status = HTTPResponse.Status(code: denyStatus)
            if answer.status == .unauthorized { answer.headers[.wwwAuthenticate] = "Bearer" }
        }
        return answer
    }

    private func decide(
        _ request: APIRequest,
        _ query: inout Query
    ) async throws(Problem) -> APIAnswer {
        let caller = try await routes.authenticator.forwardedCaller(request)
        let meter = try query.identifier("meter", MeterID.self) ?? Meter.apiCalls.id
        let amount = try query.integer("amount", in: 1...Int(Amount.maximum)) ?? 1
        let model = try query.identifier("model", ModelName.self)
        let (tenant, key) = try caller.subject(
            tenant: try query.identifier("tenant", TenantID.self),
            key: try query.identifier("key", APIKeyID.self),
            missing: .invalidQuery("tenant", "is required unless an API key asks"))
        try query.finish()
        let question = DecisionRequest(
            tenant: tenant, key: key, charges: [Charge(meter: meter, amount: Int64(amount))],
            model: model)
        let answered = try await routes.asking { () async throws(NodeError) in
            do throws(NodeError) {
                return try await routes.node.decide(question)
            } catch .unknownMeter(let meter, _) {
                // Its place among the charges says nothing to a caller who sent none.
                throw .unknownMeter(meter, chargeIndex: nil)
            } catch .allocationMeter(let meter, _) {
                throw .allocationMeter(meter, chargeIndex: nil)
            }
        }
        guard case .decided(let outcome, _) = answered else {
            throw Problem(.conflict, "the request was answered before")
        }
        let decision = outcome.decision
        routes.metrics.count(decision, operation: "forward-auth")
        routes.explanations.add(outcome)
        var answer = APIAnswer(outcome)
        if decision.isAllowed {
            (answer.status, answer.body) = (.noContent, [])
            answer.headers[.contentType] = nil
        }
        answer.headers[.weirTenant] = PercentEncoding.encode(tenant.text)
        answer.headers[.weirKey] = key.map { PercentEncoding.encode($0.text) }
        return answer
    }
}
