import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing

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
        arguments: [8])
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
            var (passed, isOpen) = (0, true)
            while isOpen, passed < 100 {
                let usage = ScriptedBackend.usage(promptTokens, perPiece * (passed + 1))
                try await backend.say(
                    ScriptedBackend.event(
                        ScriptedBackend.piece("piece-\(passed).", #","usage":\#(usage)"#)))
                isOpen = try await answer.read(until: "piece-\(passed).")
                if isOpen { passed += 1 }
            }
            #expect(!isOpen, "it was not cut")
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
}
