public import Hummingbird
import Logging
public import Weir
import WeirHTTP

/// A request context that is told what was decided about its request.
public protocol QuotaRequestContext: RequestContext {
    /// The decision that let the request through; nil where none was made.
    var quotaDecision: Decision? { get set }
}

/// Charges each request to a tenant before it is handled, and refuses it with 429 when the tenant
/// has no room.
///
///     router.group("api")
///         .add(middleware: QuotaMiddleware(weir))
///         .get("hello") { _, _ in "hello" }
///
/// Answers carry `RateLimit` and `RateLimit-Policy`, and a refusal `Retry-After`, with the same
/// body as the API of `weir serve` (`application/problem+json`). An error that the handler throws
/// is answered further out, without these headers; the request is charged all the same. Two of
/// these middlewares, one inside the other, charge two meters.
public struct QuotaMiddleware<Context: RequestContext>: RouterMiddleware {
    /// What happens to a request while the ledger can't say whether there is room.
    public enum FailMode: Hashable, Sendable {
        /// It is answered with 503.
        case deny
        /// It is let through and charged to nobody; a warning is logged.
        case allow
    }

    private let weir: Weir
    private let identity: QuotaIdentity<Context>
    private let meter: MeterID
    private let failMode: FailMode
    private let cost: @Sendable (Request, Context) async throws -> Int64

    /// Creates a middleware.
    ///
    /// - Parameters:
    ///   - weir: the engine; add it to the application's services.
    ///   - identity: how a request says who is charged.
    ///   - meter: what is charged.
    ///   - failMode: what happens while the ledger is out of reach.
    ///   - cost: the units of a request, 1 unless said; 0 lets it through without a decision.
    public init(
        _ weir: Weir,
        by identity: QuotaIdentity<Context> = .apiKey,
        meter: MeterID = .apiCalls,
        failMode: FailMode = .deny,
        cost: @escaping @Sendable (Request, Context) async throws -> Int64 = { _, _ in 1 }
    ) {
        self.weir = weir
        self.identity = identity
        self.meter = meter
        self.failMode = failMode
        self.cost = cost
    }

    /// Charges a request, and hands it on where there is room.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - context: its context.
    ///   - next: what handles it.
    /// - Returns: the handler's response with the headers of the decision, or the refusal.
    /// - Throws: what the handler throws; ``WeirError`` with `invalid` for a meter or cost that
    ///   can't be.
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let subject: QuotaSubject
        switch try await identity.find(request, context, weir) {
        case .subject(let found): subject = found
        case .answer(let answer): return answer
        }
        let units = try await cost(request, context)
        if units == 0 { return try await next(request, context) }
        let decision: Decision
        do throws(WeirError) {
            decision = try await weir.consume(
                tenant: subject.tenant, plan: subject.plan, key: subject.key,
                charges: [Charge(meter: meter, amount: units)], model: subject.model)
        } catch {
            switch (error.code, failMode) {
            case (.notFound, _): return DecisionResponse.problem(.notFound, error.message)
            case (.unavailable, .deny), (.broken, .deny), (.closed, .deny):
                context.logger.warning("no decision can be made", metadata: ["error": "\(error)"])
                return DecisionResponse.unavailable("limits can't be checked; retry")
            case (.unavailable, .allow), (.broken, .allow), (.closed, .allow):
                context.logger.warning(
                    "no decision can be made; the request goes on unmetered",
                    metadata: ["error": "\(error)", "tenant": "\(subject.tenant)"])
                return try await next(request, context)
            default: throw error
            }
        }
        guard decision.isAllowed else { return DecisionResponse.refusal(decision) }
        var response = try await next(request, context.told(decision))
        DecisionResponse.addHeaders(of: decision, to: &response.headers)
        return response
    }
}

extension RequestContext {
    /// This context with the decision, if it wants to know.
    fileprivate func told(_ decision: Decision) -> Self {
        guard var context = self as? any QuotaRequestContext else { return self }
        context.quotaDecision = decision
        return context as? Self ?? self
    }
}
