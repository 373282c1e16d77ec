import MockBackend
import NIOHTTP1
import QuotaModel
import QuotaNode
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

@Suite("chats through the gateway")
struct ChatTests {
    private static let limits: [Limit] = [
        .month(.apiCalls, 1_000_000), .month(.aiTokens, 1_000_000_000),
    ]

    private func body(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something about weirs."}]\#(more)}"#
    }

    @Test("a whole answer is passed on, and billed to the backend's token")
    func whole() async throws {
        try await TestGateway.with(limits: Self.limits) { server in
            let answer = try await server.send(chat: body(#","max_tokens":17"#))
            #expect(answer.status == 200, "\(answer.text)")
            let json = try JSONValue(parsing: answer.text.utf8)
            let usage = try #require(json["usage"])
            #expect(usage["completion_tokens"]?.integerValue == 17)
            try await server.settle()
            let total = usage["total_tokens"]?.integerValue
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.used == total)
            #expect(tokens.held == 0)
            let calls = try await server.used(Meter.apiCalls.id)
            #expect(calls == (1, 0))
            #expect(answer.headers.first(name: "x-weir-decision-id")?.hasPrefix("d_") == true)
            #expect(answer.headers.first(name: "x-ratelimit-limit-tokens") == "1000000000")
        }
    }

    @Test(
        "a stream is passed on as it was sent, its usage only to who asked",
        arguments: [true, false])
    func stream(asks: Bool) async throws {
        try await TestGateway.with(limits: Self.limits) { server in
            let more = asks ? #","stream_options":{"include_usage":true}"# : ""
            let answer = try await server.send(
                chat: body(#","stream":true,"max_tokens":40\#(more)"#))
            #expect(answer.status == 200)
            #expect(
                answer.headers.first(name: "content-type")?.hasPrefix("text/event-stream") == true)
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            #expect(answer.text.contains(#""usage":{"#) == asks)
            try await server.settle()
            let statistics = server.backends[0].statistics
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(
                tokens
                    == (Int64(statistics.promptTokens + statistics.completionTokens), 0))
            #expect(statistics.completionTokens == 40)
        }
    }

    @Test("over its budget a tenant is told which limit, and not to try again")
    func exhausted() async throws {
        let limits: [Limit] = [.month(.apiCalls, 1), .month(.aiTokens, 1_000_000)]
        try await TestGateway.with(limits: limits) { server in
            let first = try await server.send(chat: body())
            #expect(first.status == 200)
            let second = try await server.send(chat: body())
            #expect(second.status == 429)
            let error = try #require(try JSONValue(parsing: second.text.utf8)["error"])
            #expect(error["type"]?.stringValue == "insufficient_quota")
            #expect(error["code"]?.stringValue == "insufficient_quota")
            #expect(error["limit_id"]?.stringValue == "tenant:api_calls/month")
            #expect(second.headers.first(name: "x-should-retry") == "false")
            #expect(server.backends[0].statistics.requests == 1)
        }
    }

    @Test("a small budget is not locked out by a large cap: a stream takes as it goes")
    func grows() async throws {
        let limits: [Limit] = [.month(.apiCalls, 100), .month(.aiTokens, 150)]
        try await TestGateway.with(limits: limits) { server in
            let answer = try await server.send(chat: body(#","stream":true,"max_tokens":10000"#))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            try await server.settle()
            let statistics = server.backends[0].statistics
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(
                tokens == (Int64(statistics.promptTokens + statistics.completionTokens), 0))
        }
    }

    @Test("a stream ends where the budget ends, is told so, and not a token more is sold")
    func isCut() async throws {
        let limits: [Limit] = [.month(.apiCalls, 100), .month(.aiTokens, 700)]
        try await TestGateway.with(limits: limits, backends: [.long()]) { server in
            let answer = try await server.send(chat: body(#","stream":true,"max_tokens":5000"#))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text.contains(#""code":"insufficient_quota""#))
            #expect(answer.text.contains(#""limit_id":"tenant:ai_tokens/month""#))
            #expect(!answer.text.contains("[DONE]"))
            try await server.settle()
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.held == 0)
            // What comes with one read is passed on as a whole, or not at all.
            #expect((16...700).contains(tokens.used))
            let relayed = answer.text.components(of: #""content":" "#)
            #expect(tokens.used >= Int64(relayed))
            let usage = try await server.node.usage(of: TestGateway.tenant, key: nil)
            #expect(!usage.limits.contains { $0.used > $0.limit ?? .max })
        }
    }

    @Test("a money budget is a limit like any other, to the billionth")
    func money() async throws {
        let price = try ModelPrice(currency: "USD", input: 150_000, output: 600_000)
        let cost = Money.meter(of: "USD")
        let limits: [Limit] = [
            .month(.apiCalls, 100), Limit(meter: cost, window: .month, quantity: 100_000),
        ]
        try await TestGateway.with(limits: limits, price: price) { server in
            let answer = try await server.send(chat: body(#","max_tokens":40"#))
            #expect(answer.status == 200)
            try await server.settle()
            let statistics = server.backends[0].statistics
            let expected = Int64(statistics.promptTokens * 150 + statistics.completionTokens * 600)
            let spent = try await server.used(cost)
            #expect(spent == (expected, 0))
            #expect(
                answer.headers.first(name: "x-weir-cost") == "\(Money.text(nano: expected)) USD")
            var last = answer
            for _ in 0..<5 where last.status == 200 {
                last = try await server.send(chat: body(#","max_tokens":40"#))
            }
            #expect(last.status == 429)
            #expect(last.text.contains("tenant:cost_usd/month"))
        }
    }
}
