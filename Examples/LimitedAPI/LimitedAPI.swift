import Hummingbird
import Weir
import WeirHummingbird

/// The context of a request; it is told which tenant was charged.
struct LimitedContext: QuotaRequestContext {
    var coreContext: CoreRequestContextStorage
    var quotaDecision: Decision?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }
}

/// An API whose callers show a key, and may call five times a minute.
struct LimitedAPI {
    let weir: Weir

    /// `GET /` for everybody, `GET /hello` for who has a key and has room.
    func router() -> Router<LimitedContext> {
        let router = Router(context: LimitedContext.self)
        router.get("/") { _, _ in "try /hello with an API key\n" }
        router.group()
            .add(middleware: QuotaMiddleware(weir))
            .get("hello") { _, context in
                "hello, \(context.quotaDecision?.tenant.text ?? "nobody")\n"
            }
        return router
    }

    /// Creates a plan, a tenant and a key at the first start.
    ///
    /// - Returns: the text of the key, which is kept nowhere; nil at later starts.
    func firstKey() async throws -> String? {
        let plan = Plan(
            id: "demo", name: "Demo", weight: 1,
            limits: [Limit(meter: .apiCalls, window: .minute, quantity: 5)])
        do {
            try await weir.putPlan(plan)
            try await weir.createTenant("acme", plan: plan.id)
        } catch let error where error.code == .alreadyExists {
            return nil
        }
        return try await weir.createKey(tenant: "acme", name: "first").text
    }
}
