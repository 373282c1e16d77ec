import HTTPTypes
import Hummingbird
import HummingbirdTesting
import QuotaTesting
import StrictJSON
import ServiceLifecycle
import Testing
import Weir

@testable import LimitedAPI

@Suite("the example: an API limited by key")
struct ExampleTests {
    /// Runs the example over the router alone, or over a socket.
    private func run(
        _ setup: TestingSetup,
        _ test:
            @escaping @Sendable (any TestClientProtocol, TestEngine, String) async throws -> Void
    ) async throws {
        let engine = try await TestEngine()
        let api = LimitedAPI(weir: engine.weir)
        let key = try #require(try await api.firstKey())
        let app = Application(router: api.router(), services: [engine.weir])
        try await app.test(setup) { client in try await test(client, engine, key) }
        try await engine.weir.close()
    }

    @Test("lets five calls a minute through, and says what is left", arguments: [true, false])
    func limits(isLive: Bool) async throws {
        try await run(isLive ? .live : .router) { client, engine, key in
            for left in (0..<5).reversed() {
                try await client.execute(
                    uri: "/hello", method: .get, headers: [.authorization: "Bearer \(key)"]
                ) { response in
                    #expect(response.status == .ok)
                    #expect(response.text == "hello, acme\n")
                    let seconds = (5 - left) * 12
                    let limit = "\"tenant:api_calls/minute\";r=\(left);t=\(seconds)"
                    #expect(response.headers[.rateLimit] == limit)
                    #expect(
                        response.headers[.rateLimitPolicy]
                            == "\"tenant:api_calls/minute\";q=5;w=60")
                    #expect(response.headers[.retryAfter] == nil)
                }
            }
            try await client.execute(
                uri: "/hello", method: .get, headers: [.apiKey: key]
            ) { response in
                #expect(response.status == .tooManyRequests)
                #expect(response.headers[.contentType] == "application/problem+json")
                #expect(response.headers[.retryAfter] == "12")
                #expect(
                    response.headers[.rateLimit] == "\"tenant:api_calls/minute\";r=0;t=12")
                let body = try response.json().objectValue
                #expect(body?["allowed"] == .bool(false))
                #expect(body?["status"] == 429)
                let denied = body?["denied_by"]?.objectValue
                #expect(denied?["id"] == "tenant:api_calls/minute")
                #expect(denied?["retry_after_ms"] == 12_000)
            }
            engine.clock.advance(by: .seconds(12))
            try await client.execute(
                uri: "/hello", method: .get, headers: [.apiKey: key]
            ) { #expect($0.status == .ok) }
        }
    }

    @Test("answers every bad key alike, and charges nobody", arguments: [true, false])
    func badKeys(isLive: Bool) async throws {
        try await run(isLive ? .live : .router) { client, engine, key in
            let bad: [HTTPFields] = [
                [:], [.authorization: "Bearer"], [.authorization: "Bearer wk_live_nothing"],
                [.authorization: "Basic \(key)"], [.authorization: "Bearer \(key)x"],
                [.apiKey: String(key.dropLast())],
            ]
            var bodies: Set<String> = []
            for headers in bad {
                try await client.execute(uri: "/hello", method: .get, headers: headers) {
                    response in
                    #expect(response.status == .unauthorized)
                    #expect(response.headers[.contentType] == "application/problem+json")
                    #expect(response.headers[.wwwAuthenticate] == "Bearer")
                    #expect(response.headers[.rateLimit] == nil)
                    bodies.insert(response.text)
                }
            }
            #expect(bodies.count == 1)
            let usage = try await engine.weir.usage(of: "acme")
            #expect(usage.limits[0].used == 0)
        }
    }

    @Test("what has no limit needs no key, and the key is made once")
    func rest() async throws {
        try await run(.router) { client, engine, key in
            try await client.execute(uri: "/", method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.rateLimit] == nil)
            }
            #expect(key.hasPrefix("wk_live_"))
            #expect(try await LimitedAPI(weir: engine.weir).firstKey() == nil)
        }
    }
}

extension HTTPField.Name {
    static let apiKey = Self("X-API-Key")!
    static let rateLimit = Self("RateLimit")!
    static let rateLimitPolicy = Self("RateLimit-Policy")!
}
