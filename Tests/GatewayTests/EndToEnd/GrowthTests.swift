import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

/// Streams whose backends tell in between what they have used so far.
@Suite("streams that tell their usage in between", .timeLimit(.minutes(10)))
struct GrowthTests {
    private func chat(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something about weirs."}]"#
            + #","stream":true\#(more)}"#
    }

    /// The error that is the last event of a stream.
    private func lastError(_ text: String) throws -> JSONValue {
        let events = text.split(separator: "\n\n")
        let last = try #require(events.last?.split(separator: "data: ", maxSplits: 1).last)
        return try #require(try JSONValue(parsing: last.utf8)["error"], "\(last)")
    }

    @Test(
        "a stream is cut by the usage that its backend tells in between, within the budget",
        arguments: [8, 60])
    func usageInBetween(promptTokens: Int) async throws {
        let (limit, perPiece) = (Int64(300), 20)
        let backend = try await ScriptedBackend()
        try await TestGateway.with(
            scripted: [backend], limits: [.month(.apiCalls, 100), .month(.aiTokens, limit)]
        ) { server in
            async let response = server.respond("/v1/chat/completions", chat())
            try await backend.hasHeard(1)
            try await backend.say(ScriptedBackend.streamHead)
            var answer = OpenAnswer(try await response)
            #expect(answer.status == 200)
            let passed = try await pass(on: backend, to: &answer) {
                ScriptedBackend.usage(promptTokens, perPiece * $0)
            }
            #expect(answer.isWhole)
            let error = try lastError(answer.text)
            #expect(error["code"]?.stringValue == "insufficient_quota")
            #expect(error["limit_id"]?.stringValue == "tenant:ai_tokens/month")
            try await server.settle()
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens.held == 0)
            #expect(tokens.used <= limit)
            // As much as could be had was had: one piece more would have been too much.
            #expect(tokens.used > limit - Int64(2 * perPiece))
            #expect(tokens.used == Int64(promptTokens + perPiece * passed))
        }
    }

    @Test("the first choice that ends does not end the count of the others")
    func choices() async throws {
        let limit: Int64 = 300
        let backend = try await ScriptedBackend()
        try await TestGateway.with(
            scripted: [backend], limits: [.month(.apiCalls, 100), .month(.aiTokens, limit)]
        ) { server in
            async let response = server.respond("/v1/chat/completions", chat(#","n":2"#))
            try await backend.hasHeard(1)
            try await backend.say(
                ScriptedBackend.streamHead
                    + ScriptedBackend.event(
                        #"{"choices":[{"index":1,"delta":{"content":"first."},"#
                            + #""finish_reason":"stop"}],"usage":\#(ScriptedBackend.usage(8, 1))}"#)
            )
            var answer = OpenAnswer(try await response)
            #expect(try await answer.read(until: "first."))
            let passed = try await pass(on: backend, to: &answer) {
                ScriptedBackend.usage(8, 20 * $0)
            }
            #expect(passed > 0)
            #expect(try lastError(answer.text)["code"]?.stringValue == "insufficient_quota")
            try await server.settle()
            #expect(try await server.used(Meter.aiTokens.id) == (Int64(8 + 20 * passed), 0))
            #expect(8 + 20 * passed <= limit)
        }
    }

    @Test("reasoning that is told in between is paid from the money that is left")
    func reasoning() async throws {
        let price = try ModelPrice(
            currency: "USD", input: 150_000, output: 600_000, reasoning: 6_000_000)
        let (limit, cost) = (Int64(2_000_000), Money.meter(of: "USD"))
        let backend = try await ScriptedBackend()
        try await TestGateway.with(
            scripted: [backend],
            limits: [
                .month(.apiCalls, 100), Limit(meter: cost, window: .month, quantity: limit),
            ], price: price
        ) { server in
            async let response = server.respond("/v1/chat/completions", chat())
            try await backend.hasHeard(1)
            try await backend.say(ScriptedBackend.streamHead)
            var answer = OpenAnswer(try await response)
            // None of the reasoning is shown.
            let passed = try await pass(on: backend, to: &answer) { count in
                #"{"prompt_tokens":8,"completion_tokens":\#(20 * count),"#
                    + #""completion_tokens_details":{"reasoning_tokens":\#(19 * count)}}"#
            }
            #expect(try lastError(answer.text)["limit_id"]?.stringValue == "tenant:cost_usd/month")
            try await server.settle()
            let spent = try await server.used(cost)
            #expect(spent == (Int64(8 * 150 + passed * (600 + 19 * 6_000)), 0))
            #expect((limit / 2...limit).contains(spent.used))
        }
    }

    /// Says pieces until the stream is cut, each with a usage; returns how many were passed on.
    private func pass(
        on backend: ScriptedBackend,
        to answer: inout OpenAnswer,
        usage: (_ count: Int) -> String
    ) async throws -> Int {
        for count in 1...100 {
            try await backend.say(
                ScriptedBackend.event(
                    ScriptedBackend.piece("piece-\(count).", #","usage":\#(usage(count))"#)))
            guard try await answer.read(until: "piece-\(count).") else { return count - 1 }
        }
        Issue.record("it was not cut")
        return 100
    }
}
