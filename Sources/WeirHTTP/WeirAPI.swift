import HTTPTypes
public import Hummingbird
public import Logging
public import QuotaLedger
public import QuotaNode

/// The HTTP API of a node: decisions, administration, operations.
public struct WeirAPI: Sendable {
    /// Which routes a listener answers.
    public enum Part: Sendable {
        /// All of them.
        case all
        /// Not those of administrators: neither `/api/admin` nor `/metrics`.
        case publicOnly
    }

    private let routes: APIRoutes
    private let readiness: Readiness
    private let backups: (any BackupSource)?
    private let streams = EventStreams()
    private let pause: @Sendable (Duration) async -> Void
    private let vetting: WebhookVetting
    /// What is kept of decisions, for front doors that have no routes.
    package let explanations: Explanations

    /// Creates the API of a node.
    ///
    /// - Parameters:
    ///   - node: what decides.
    ///   - admin: the administrator's token.
    ///   - readiness: whether `/readyz` says so.
    ///   - metrics: what is counted.
    ///   - logger: where changes and failures are noted.
    ///   - backups: what makes a copy of the ledger; nil for one that can't be copied.
    ///   - vetting: how the URLs of webhook endpoints are judged.
    ///   - credentialFailuresPerMinute: how many bad credentials an address may send before they
    ///     are answered with 429.
    ///   - explainedDecisions: how many decisions are kept to be explained; 0 keeps none.
    ///   - pause: waits for what a stream of events has to tell next.
    public init(
        node: QuotaNode,
        admin: AdminToken,
        readiness: Readiness,
        metrics: APIMetrics,
        logger: Logger,
        backups: (any BackupSource)? = nil,
        vetting: WebhookVetting = WebhookVetting(),
        credentialFailuresPerMinute: Int = 100,
        explainedDecisions: Int = 10_000,
        pause: @escaping @Sendable (Duration) async -> Void
    ) {
        self.pause = pause
        self.readiness = readiness
        self.backups = backups
        self.vetting = vetting
        let authenticator = Authenticator(
            node: node, admin: admin,
            failures: FailureLimiter(maximum: credentialFailuresPerMinute))
        explanations = Explanations(maximumDecisions: explainedDecisions)
        routes = APIRoutes(
            node: node, authenticator: authenticator, metrics: metrics, logger: logger,
            explanations: explanations)
    }

    /// What is answered before it comes to the routes.
    package var immediateAnswers: ImmediateAnswers { ImmediateAnswers(routes) }

    /// Who finds out whose API key a caller shows.
    package var tenantKeys: TenantKeys { TenantKeys(routes.authenticator) }

    /// The router with the routes of a listener.
    public func router(_ part: Part = .all) -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        // The middleware comes before the routes it is for, and so is told of them beforehand.
        let known = RouteCollector(Router(context: APIContext.self), part: part)
        add(to: known)
        router.middlewares.add(ProblemMiddleware(paths: known.knownPaths))
        add(to: RouteCollector(router, part: part))
        return router
    }

    /// Every route: its method and its path as OpenAPI writes it.
    public var list: [(method: String, path: String)] {
        let collector = RouteCollector(Router(context: APIContext.self), part: .all)
        add(to: collector)
        return collector.routes.map { ($0.method.rawValue, $0.path) }
    }

    private func add(to collector: RouteCollector) {
        DecisionRoutes(routes: routes).add(to: collector)
        QuestionRoutes(routes: routes).add(to: collector)
        BatchRoutes(routes: routes).add(to: collector)
        ForwardAuthRoutes(routes: routes).add(to: collector)
        ExplainRoutes(routes: routes).add(to: collector)
        TenantRoutes(routes: routes).add(to: collector)
        CorrectionRoutes(routes: routes).add(to: collector)
        GrantRoutes(routes: routes).add(to: collector)
        ReportRoutes(routes: routes).add(to: collector)
        BillingRoutes(routes: routes).add(to: collector)
        OrganizationRoutes(routes: routes).add(to: collector)
        KeyRoutes(routes: routes, kind: .tenant).add(to: collector)
        KeyRoutes(routes: routes, kind: .service).add(to: collector)
        CatalogRoutes(routes: routes).add(to: collector)
        ImportRoutes(routes: routes).add(to: collector)
        WhatIfRoutes(routes: routes).add(to: collector)
        NotificationRoutes(routes: routes, readiness: readiness, streams: streams, pause: pause)
            .add(to: collector)
        WebhookRoutes(routes: routes, vetting: vetting).add(to: collector)
        QuotaAdminRoutes(routes: routes, readiness: readiness).add(to: collector)
        BackupRoutes(routes: routes, source: backups).add(to: collector)
        OperationRoutes(routes: routes, readiness: readiness).add(to: collector)
    }
}

/// Turns what the router itself refuses, such as an unknown path, into a problem.
private struct ProblemMiddleware: RouterMiddleware {
    let paths: KnownPaths

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            var response = problem(error, request).response
            // What follows the head of such an answer would be taken for the next one.
            if request.method == .head { response.body = ResponseBody() }
            return response
        }
    }

    private func problem(_ error: HTTPError, _ request: Request) -> APIAnswer {
        if error.status == .notFound, let methods = paths.methods(of: request.uri.path) {
            let names = methods.joined(separator: ", ")
            var answer = APIAnswer(
                Problem(.methodNotAllowed, "this path takes \(names)"))
            answer.headers[.allow] = names
            return answer
        }
        let detail =
            error.status == .notFound
            ? "there is no such route; Documentation/api.md lists them"
            : error.body ?? error.status.reasonPhrase
        return APIAnswer(Problem(error.status, detail))
    }
}
