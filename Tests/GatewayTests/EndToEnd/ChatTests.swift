import MockBackend
import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing

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
}
