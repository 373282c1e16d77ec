import NIOCore
import QuotaTesting
import StrictJSON
import Testing
import WeirHTTP

/// Two servers that are asked the same: one decides on lanes and answers at once where it can, the
/// other is kept from both by metadata.
@Suite("answers at once")
struct ImmediateAnswerTests {
    /// What a caller sees, but for the id of the decision.
    private struct Seen: Equatable {
        let status: Int
        let body: String
        let policy: String?
        let limit: String?
        let retryAfter: String?

        init(_ reply: Reply) {
            status = reply.status
            body = Self.withoutID(reply.text)
            policy = reply.header("RateLimit-Policy")
            limit = reply.header("RateLimit")
            retryAfter = reply.header("Retry-After")
        }

        init(_ answer: ImmediateAnswer) {
            func field(_ name: String) -> String? { answer.fields.first { $0.name == name }?.value }
            status = answer.status
            body = Self.withoutID(String(buffer: answer.body))
            policy = field("RateLimit-Policy")
            limit = field("RateLimit")
            retryAfter = field("Retry-After")
        }

        private static func withoutID(_ text: String) -> String {
            text.replacing(/"decision_id":"d_[0-9a-z]{26}"/, with: #""decision_id":"d""#)
        }
    }

    /// A server with four tenants, two of each plan; their keys.
    private static func server() async throws -> (TestServer, [String]) {
        let server = try await TestServer()
        _ = try await server.admin.putPlan(
            "wide",
            [
                .limit(200, "api_calls", per: "day"), .limit(900, "api_calls", per: "month"),
                .limit(40, "api_calls", per: "minute"), .limit(5_000, "ai_tokens", per: "day"),
            ])
        _ = try await server.admin.putPlan(
            "narrow",
            [
                [
                    "meter": "api_calls", "window": "day", "scope": "key", "limit": 60,
                    "soft_percent": 50,
                ],
                .limit(30, "api_calls", per: "day", model: "gpt"),
            ])
        var keys: [String] = []
        for (tenant, plan) in [
            ("acme", "wide"), (#"a"\é"#, "wide"), ("x", "narrow"),
            (String(repeating: "ä", count: 128), "narrow"),
        ] {
            _ = try await server.admin.createTenant([
                "id": .string(tenant), "plan": .string(plan),
            ])
            keys.append(try await server.admin.createKey(of: tenant).text)
        }
        return (server, keys)
    }

    @Test("are byte for byte those of the routes", arguments: 1...4 as ClosedRange<UInt64>)
    func same(seed: UInt64) async throws {
        let (plain, plainKeys) = try await Self.server()
        let (quick, quickKeys) = try await Self.server()
        #expect(Set(quickKeys).count == 4)
        var random = SeededRandom(seed: seed)
        var (atOnce, refused) = (0, 0)
        for round in 0..<400 {
            let place = Int.random(in: 0..<4, using: &random)
            let path =
                Int.random(in: 0..<4, using: &random) == 0 ? "/api/v1/check" : "/api/v1/consume"
            var charges = [
                #"{"meter":"api_calls","amount":\#(Int.random(in: 1...4, using: &random))}"#
            ]
            if Int.random(in: 0..<3, using: &random) == 0 {
                charges.append(#"{"meter":"ai_tokens","amount":17}"#)
            }
            var members = [#""charges":[\#(charges.joined(separator: ","))]"#]
            if Bool.random(using: &random) { members.append(#""model":"gpt""#) }
            let body = members.joined(separator: ",")
            let expected = try await plain.bearer(plainKeys[place])
                .post(path, text: "{\(body),\"metadata\":{\"a\":1}}")
            let known = quick.answers.answer(
                path, authorization: "Bearer \(quickKeys[place])",
                ByteBuffer(string: "{\(body)}"))
            var seen: Seen
            if let known {
                seen = Seen(known)
                atOnce += 1
            } else {
                seen = Seen(try await quick.bearer(quickKeys[place]).post(path, text: "{\(body)}"))
            }
            #expect(seen == Seen(expected), "seed \(seed), round \(round): \(path) \(body)")
            if seen.status != 200 { refused += 1 }
            // Now and then all is forgotten, minutes begin, and a refusal is asked for again.
            let isLong = Int.random(in: 0..<20, using: &random) == 0
            let pause = Duration.milliseconds(
                Int.random(in: 0...(isLong ? 20_000 : 50), using: &random))
            plain.clock.advance(by: pause)
            quick.clock.advance(by: pause)
        }
        #expect(atOnce > 60, "\(atOnce) at once")
        #expect(refused > 50, "\(refused) refused")
    }

    @Test("say nothing of another tenant of the plan")
    func apart() async throws {
        let (server, keys) = try await Self.server()
        func consume(_ key: String) async throws -> String {
            let body = #"{"charges":[{"meter":"api_calls","amount":1}]}"#
            let answer = server.answers.answer(
                "/api/v1/consume", authorization: "Bearer \(key)", ByteBuffer(string: body))
            if let answer { return String(buffer: answer.body) }
            return try await server.bearer(key).post("/api/v1/consume", text: body).text
        }
        for _ in 0..<3 { for key in keys { _ = try await consume(key) } }
        _ = try await server.admin.override(["limit": 777], of: "acme")
        for _ in 0..<3 {
            let (first, second) = (try await consume(keys[0]), try await consume(keys[1]))
            #expect(first.contains(#""tenant":"acme""#) && first.contains("777"))
            #expect(second.contains(#""tenant":"a\"\\é""#) && !second.contains("777"))
        }
    }
}
