import StrictJSON
import Testing

@Suite("RateLimit headers")
struct RateLimitHeaderTests {
    @Test("each limit of the answer is in both headers, in the form of the draft")
    func headers() async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free",
            [
                .limit(60, "api_calls", per: "minute"),
                .limit(1000, "api_calls", per: "month"),
            ])
        let reply = try await server.admin.consume(["tenant": "acme"])
        #expect(reply.status == 200)
        #expect(
            RateLimitItem.list(reply.header("RateLimit-Policy")) == [
                RateLimitItem(name: "tenant:api_calls/minute", parameters: ["q": 60, "w": 60]),
                RateLimitItem(
                    name: "tenant:api_calls/month", parameters: ["q": 1000, "w": 2_592_000]),
            ])
        #expect(
            RateLimitItem.list(reply.header("RateLimit")) == [
                RateLimitItem(name: "tenant:api_calls/minute", parameters: ["r": 59, "t": 1]),
                RateLimitItem(
                    name: "tenant:api_calls/month", parameters: ["r": 999, "t": 828_000]),
            ])
    }

    @Test(
        "a model of any name leaves the headers well formed",
        arguments: [#"a"b"#, #"back\slash"#, "größe", "a, b", "🙂", "x;q=1"])
    func names(model: String) async throws {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "free", [.limit(9, "api_calls", per: "day", model: model)])
        let reply = try await server.admin.consume(1, "api_calls", model: model)
        #expect(reply.status == 200)
        for name in ["RateLimit", "RateLimit-Policy"] {
            let field = try #require(reply.header(name))
            #expect(field.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "\(field)")
            #expect(RateLimitItem.list(field).count == 1, "\(field)")
        }
        #expect(reply["limits", 0, "scope"] == .string("model(\(model))"))
    }

    @Test("check and refusals carry the headers too; an unlimited meter has none")
    func everywhere() async throws {
        let server = try await TestServer()
        let checked = try await server.admin.check(["tenant": "acme"])
        #expect(RateLimitItem.list(checked.header("RateLimit")).first?.parameters["r"] == 1000)
        let refused = try await server.admin.consume(1001, "api_calls")
        #expect(RateLimitItem.list(refused.header("RateLimit")).first?.parameters["r"] == 1000)
        _ = try await server.admin.createTenant(["id": "big", "plan": "enterprise"])
        let unlimited = try await server.admin.consume(["tenant": "big"])
        #expect(unlimited.status == 200)
        #expect(unlimited.header("RateLimit") == nil)
        #expect(unlimited.header("RateLimit-Policy") == nil)
    }
}
