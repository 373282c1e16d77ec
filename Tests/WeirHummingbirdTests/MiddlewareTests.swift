import HTTPTypes
import Hummingbird
import HummingbirdTesting
import QuotaTesting
import StrictJSON
import Testing
import Weir
import WeirHummingbird

@Suite("the middleware")
struct MiddlewareTests {
    private static let tenant = HTTPField.Name("X-Tenant")!

    /// Runs `test` against one route behind a middleware.
    private func run(
        _ engine: TestEngine,
        _ middleware: QuotaMiddleware<BasicRequestContext>...,
        test: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router()
        for middleware in middleware { router.add(middleware: middleware) }
        router.get("work") { _, _ in "done" }
        router.get("fail") { _, _ -> String in throw HTTPError(.badRequest) }
        try await Application(router: router).test(.router, test)
        try await engine.weir.close()
    }

    private func byTenant(
        _ engine: TestEngine,
        meter: MeterID = .apiCalls,
        plan: PlanID? = nil,
        failMode: QuotaMiddleware<BasicRequestContext>.FailMode = .deny,
        cost: @escaping @Sendable (Request, BasicRequestContext) async throws -> Int64 = { _, _ in 1
        }
    ) -> QuotaMiddleware<BasicRequestContext> {
        QuotaMiddleware(
            engine.weir, by: .header(Self.tenant, plan: plan), meter: meter, failMode: failMode,
            cost: cost)
    }

    private func used(_ engine: TestEngine, _ meter: MeterID = .apiCalls) async throws -> Int64? {
        let usage = try await engine.weir.usage(of: "acme")
        return usage.limits.first { $0.meter == meter }?.used
    }

    @Test("takes the tenant from a header, and creates it on the plan it is told")
    func header() async throws {
        let engine = try await TestEngine()
        try await run(engine, byTenant(engine, plan: "starter")) { client in
            try await client.execute(
                uri: "/work", method: .get, headers: [Self.tenant: "acme"]
            ) { response in
                #expect(response.status == .ok)
                #expect(response.text == "done")
                #expect(response.headers[.rateLimit]?.contains("r=49999") == true)
            }
            for headers in [[:], [Self.tenant: ""]] as [HTTPFields] {
                try await client.execute(uri: "/work", method: .get, headers: headers) { response in
                    #expect(response.status == .badRequest)
                    #expect(response.text.contains("X-Tenant"))
                }
            }
            #expect(try await used(engine) == 1)
        }
    }

    @Test("asks a closure who it is; nobody is refused with 401")
    func closure() async throws {
        let engine = try await TestEngine()
        let middleware = QuotaMiddleware<BasicRequestContext>(
            engine.weir,
            by: .closure { request, _ in
                guard request.uri.queryParameters["who"] != nil else { return nil }
                return QuotaSubject(tenant: "acme", plan: "pro")
            })
        try await run(engine, middleware) { client in
            try await client.execute(uri: "/work?who=me", method: .get) { response in
                #expect(response.headers[.rateLimit]?.contains("r=499999") == true)
            }
            try await client.execute(uri: "/work", method: .get) { response in
                #expect(response.status == .unauthorized)
            }
        }
    }

    @Test("charges another meter, by a cost; what costs nothing is not decided")
    func cost() async throws {
        let engine = try await TestEngine()
        let middleware = byTenant(engine, meter: .aiTokens) { request, _ in
            Int64(request.uri.queryParameters["tokens"] ?? "") ?? -1
        }
        try await run(engine, middleware) { client in
            func call(_ tokens: String) async throws -> (HTTPResponse.Status, String?) {
                try await client.execute(
                    uri: "/work?tokens=\(tokens)", method: .get, headers: [Self.tenant: "acme"]
                ) { ($0.status, $0.headers[.rateLimit]) }
            }
            let first = try await call("60000")
            #expect(first.0 == .ok)
            #expect(first.1?.contains("\"tenant:ai_tokens/month\";r=40000") == true)
            let free = try await call("0")
            #expect(free.0 == .ok)
            #expect(free.1 == nil)
            #expect(try await call("60000").0 == .tooManyRequests)
            #expect(try await call("many").0 == .internalServerError)
            #expect(try await used(engine, .aiTokens) == 60_000)
        }
    }

    @Test("two of them charge two meters, and answer with both")
    func nested() async throws {
        let engine = try await TestEngine()
        try await run(
            engine, byTenant(engine), byTenant(engine, meter: .aiTokens) { _, _ in 100 }
        ) { client in
            try await client.execute(
                uri: "/work", method: .get, headers: [Self.tenant: "acme"]
            ) { response in
                let names = response.headers[.rateLimitPolicy] ?? ""
                #expect(names.contains("ai_tokens/month") && names.contains("api_calls/month"))
            }
            #expect(try await used(engine) == 1)
            #expect(try await used(engine, .aiTokens) == 100)
        }
    }

    @Test("a suspended tenant gets 403 with the decision, an unknown one 404 where none is made")
    func refusals() async throws {
        let engine = try await TestEngine { $0.createsTenants = false }
        try await engine.weir.createTenant("acme")
        try await engine.weir.updateTenant("acme") { $0.status = .suspended }
        try await run(engine, byTenant(engine)) { client in
            try await client.execute(
                uri: "/work", method: .get, headers: [Self.tenant: "acme"]
            ) { response in
                #expect(response.status == .forbidden)
                let denied = try response.json().objectValue?["denied_by"]?.objectValue
                #expect(denied?["reason"] == "suspended")
            }
            try await client.execute(
                uri: "/work", method: .get, headers: [Self.tenant: "nobody"]
            ) { #expect($0.status == .notFound) }
        }
    }

    @Test("an error of the handler is the handler's, and the request is charged")
    func handlerFails() async throws {
        let engine = try await TestEngine()
        try await run(engine, byTenant(engine)) { client in
            try await client.execute(
                uri: "/fail", method: .get, headers: [Self.tenant: "acme"]
            ) { #expect($0.status == .badRequest) }
            #expect(try await used(engine) == 1)
        }
    }

    @Test("while no decision can be made it denies, or lets through, as it was told")
    func failModes() async throws {
        let engine = try await TestEngine()
        try await engine.weir.close()
        try await run(engine, byTenant(engine)) { client in
            try await client.execute(
                uri: "/work", method: .get, headers: [Self.tenant: "acme"]
            ) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] == "1")
                let denied = try response.json().objectValue?["denied_by"]?.objectValue
                #expect(denied?["reason"] == "unavailable")
            }
        }
        try await run(engine, byTenant(engine, failMode: .allow)) { client in
            try await client.execute(
                uri: "/work", method: .get, headers: [Self.tenant: "acme"]
            ) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.rateLimit] == nil)
            }
        }
        let byKey = QuotaMiddleware<BasicRequestContext>(engine.weir, failMode: .allow)
        try await run(engine, byKey) { client in
            try await client.execute(
                uri: "/work", method: .get, headers: [.apiKey: "wk_live_1"]
            ) { response in
                #expect(response.status == .serviceUnavailable, "who it is is another question")
            }
        }
    }
}
