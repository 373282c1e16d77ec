import MockBackend
import NIOHTTP1
import QuotaModel
import QuotaTesting
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

/// A rate of tokens that is less than what an answer is expected to have.
@Suite("small rates of tokens", .timeLimit(.minutes(10)))
struct TokenRateTests {
    private static let limits = [
        Limit(meter: Meter.aiTokens.id, window: .minute, quantity: 200)
    ]

    private func chat(_ content: String = "Say something about weirs.") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"\#(content)"}]}"#
    }

    @Test("a request begins with what there is, and its excess has to be waited for")
    func begins() async throws {
        var long = MockSettings()
        long.outputTokens = 400
        try await TestGateway.with(limits: Self.limits, backends: [long]) { server in
            let first = try await server.send(chat: chat())
            #expect(first.status == 200, "\(first.text)")
            try await server.settle()
            let second = try await server.send(chat: chat())
            #expect(second.status == 429, "\(second.text)")
            let error = try #require(try JSONValue(parsing: second.text.utf8)["error"])
            #expect(error["code"]?.stringValue == "rate_limit_exceeded")
            #expect(error["type"]?.stringValue == "tokens")
            #expect(error["limit_id"]?.stringValue == "tenant:ai_tokens/minute")
            let wait = try #require(
                second.headers.first(name: "retry-after-ms").flatMap { Int64($0) })
            let seconds = try #require(
                second.headers.first(name: "Retry-After").flatMap { Int64($0) })
            #expect(seconds == (wait + 999) / 1_000)
            #expect(error["retry_after_ms"]?.integerValue == wait)
            #expect(second.headers.first(name: "x-should-retry") == nil)
            // More than 200 tokens are owed.
            #expect((60_000...120_000).contains(wait), "\(wait)")
            // A moment before it is too early, and then it is not.
            server.clock.advance(nanoseconds: (wait - 1_000) * 1_000_000)
            let early = try await server.send(chat: chat())
            #expect(early.status == 429, "\(early.text)")
            server.clock.advance(nanoseconds: 1_000 * 1_000_000)
            let third = try await server.send(chat: chat())
            #expect(third.status == 200, "\(third.text)")
            #expect(server.backends[0].statistics.requests == 2)
        }
    }

    @Test("for a prompt beyond the rate no wait is long enough, and that is said")
    func tooLong() async throws {
        try await TestGateway.with(limits: Self.limits) { server in
            let prompt = String(repeating: "weir ", count: 1_000)
            let answer = try await server.send(chat: chat(prompt))
            #expect(answer.status == 429, "\(answer.text)")
            #expect(answer.headers.first(name: "x-should-retry") == "false")
            #expect(answer.headers.first(name: "Retry-After") == nil)
            #expect(answer.headers.first(name: "retry-after-ms") == nil)
            let error = try #require(try JSONValue(parsing: answer.text.utf8)["error"])
            #expect(error["code"]?.stringValue == "rate_limit_exceeded")
            #expect(error["retry_after_ms"]?.isNull == true)
            #expect(server.backends[0].statistics.requests == 0)
        }
    }

    @Test("of two rates that are too small the smaller one says how much there is")
    func twoRates() async throws {
        let limits =
            Self.limits + [
                Limit(meter: Meter.aiTokens.id, window: .second, quantity: 50)
            ]
        try await TestGateway.with(limits: limits) { server in
            let answer = try await server.send(chat: chat())
            #expect(answer.status == 200, "\(answer.text)")
            let next = try await server.send(chat: chat())
            #expect(next.status == 429, "\(next.text)")
            #expect(next.headers.contains(name: "Retry-After"))
            #expect(next.headers.first(name: "x-should-retry") == nil)
        }
    }
}
