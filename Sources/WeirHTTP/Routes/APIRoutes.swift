import HTTPTypes
import Hummingbird
import Logging
import QuotaModel
import QuotaNode
import StrictJSON

/// The routes' way from a request to a response: errors become problems here and nowhere else.
struct APIRoutes: Sendable {
    let node: QuotaNode
    let authenticator: Authenticator
    let metrics: APIMetrics
    let logger: Logger
    /// Where decisions are kept that somebody may ask about.
    let explanations: Explanations

    typealias Handler = @Sendable (APIRequest) async throws(Problem) -> APIAnswer

    /// Adds a route; metrics name it by its pattern, so that no id becomes a label.
    func add(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        to router: RouteCollector,
        _ handler: @escaping Handler
    ) {
        let route = path.description
        let recorder = metrics.recorder(method: method, route: route)
        router.on(path, method: method) { request, context in
            let start = metrics.clock()
            let answer: APIAnswer
            do throws(Problem) {
                answer = try await handler(APIRequest(request, context))
            } catch {
                if error.status.code >= 500 {
                    logger.error(
                        "request failed",
                        metadata: [
                            "route": "\(route)", "status": "\(error.status.code)",
                            "detail": "\(error.detail)",
                        ])
                }
                answer = APIAnswer(error)
            }
            recorder.record(answer.status, nanoseconds: metrics.clock() - start)
            return answer.response
        }
    }

    /// Adds a route that only the administrator may take.
    func addAdmin(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        to router: RouteCollector,
        _ handler: @escaping Handler
    ) {
        add(method, path, to: router) { request throws(Problem) in
            try await authenticator.requireAdmin(request)
            return try await handler(request)
        }
    }

    /// Runs a call to the node and tells its error as a problem.
    func asking<Answer>(
        _ body: () async throws(NodeError) -> Answer
    ) async throws(Problem) -> Answer {
        do {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }

    /// The same for a call whose idempotency key may be in the header, which is to blame then.
    func asking<Answer>(
        for request: APIRequest,
        _ body: () async throws(NodeError) -> Answer
    ) async throws(Problem) -> Answer {
        do {
            return try await body()
        } catch .idempotencyKeyReused where request.head.headerFields[.idempotencyKey] != nil {
            throw .invalidHeader(
                .idempotencyKey, "has a key that was used for another request; use a new one")
        } catch {
            throw Problem(error)
        }
    }

    /// Notes who changed what and why.
    func logChange(_ what: String, _ id: String, reason: String?) {
        logger.info(
            "administrative change",
            metadata: ["change": "\(what)", "id": "\(id)", "reason": "\(reason ?? "")"])
    }

    /// What is kept of a change, with the object that it was changed to.
    func draft(
        _ action: String,
        reason: String?,
        _ details: ((inout JSONWriter) -> Void)? = nil
    ) -> AuditDraft {
        let text = details.map { details in
            var writer = JSONWriter()
            writer.object(details)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        return AuditDraft(action: action, reason: reason, details: text)
    }
}
