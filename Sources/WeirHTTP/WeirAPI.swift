import HTTPTypes
public import Hummingbird
public import Logging
public import QuotaNode

/// The HTTP API of a node: decisions, administration, operations.
public struct WeirAPI: Sendable {
    private let routes: APIRoutes
    private let readiness: Readiness

    /// Creates the API of a node.
    ///
    /// - Parameters:
    ///   - node: what decides.
    ///   - admin: the administrator's token.
    ///   - readiness: whether `/readyz` says so.
    ///   - metrics: what is counted.
    ///   - logger: where changes and failures are noted.
    public init(
        node: QuotaNode,
        admin: AdminToken,
        readiness: Readiness,
        metrics: APIMetrics,
        logger: Logger
    ) {
        self.readiness = readiness
        routes = APIRoutes(
            node: node, authenticator: Authenticator(node: node, admin: admin),
            metrics: metrics, logger: logger)
    }

    /// The router with every route.
    public func router() -> Router<BasicRequestContext> {
        let router = Router(
            context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.middlewares.add(ProblemMiddleware())
        DecisionRoutes(routes: routes).add(to: router)
        DirectoryRoutes(routes: routes).add(to: router)
        QuotaAdminRoutes(routes: routes, readiness: readiness).add(to: router)
        OperationRoutes(routes: routes, readiness: readiness).add(to: router)
        return router
    }
}

/// Turns what the router itself refuses, such as an unknown path, into a problem.
private struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            let detail =
                error.status == .notFound
                ? "there is no such route; Documentation/api.md lists them"
                : error.body ?? error.status.reasonPhrase
            return APIAnswer(Problem(error.status, detail)).response
        }
    }
}
