import MockBackend
import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

@Suite("what the gateway did can be explained")
struct ExplainTests {
    private static let limits: [Limit] = [
        .month(.apiCalls, 1_000_000), .month(.aiTokens, 1_000_000_000),
    ]

    private func chat(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something."}]\#(more)}"#
    }

    /// The id of the decision that an answer tells.
    private func id(_ answer: TestAnswer) throws -> String {
        try #require(answer.headers.first(name: "x-weir-decision-id"), "\(answer.text)")
    }

    private func story(_ id: String, _ server: TestGateway) throws -> ExplainedRequest {
        try #require(server.gateway.explanations.story(id)?.request, "nothing is kept of \(id)")
    }

    @Test("a chat: estimate and truth, held and booked, cost and backend")
    func whole() async throws {
        let price = try ModelPrice(currency: "USD", input: 150_000, output: 600_000)
        try await TestGateway.with(limits: Self.limits, price: price) { server in
            let answer = try await server.send(
                "/v1/chat/completions", chat(#","max_tokens":17"#),
                headers: ["X-Request-Id": "mine-1"])
            #expect(answer.status == 200, "\(answer.text)")
            try await server.settle()
            let story = try story(try id(answer), server)
            #expect(story.id == "mine-1")
            #expect(story.endpoint == "chat.completions")
            #expect(story.model.text == "small")
            #expect(story.currency == "USD")
            #expect(story.outcome == "completed")
            let usage = try #require(try JSONValue(parsing: answer.text.utf8)["usage"])
            let attempt = try #require(story.attempts.first)
            #expect(story.attempts.count == 1)
            #expect(attempt.estimate.input > 0)
            #expect(attempt.held.map(\.meter.text) == ["api_calls", "ai_tokens", "cost_usd"])
            #expect(attempt.held[1].amount == attempt.estimate.input + attempt.estimate.output)
            let end = try #require(attempt.end)
            #expect(end.tokens.input == usage["prompt_tokens"]?.integerValue)
            #expect(end.tokens.output == 17)
            #expect(!end.tokens.isEstimated)
            #expect(end.booked[1].amount == usage["total_tokens"]?.integerValue)
            #expect(end.booked[2].amount == end.cost)
            #expect(end.cost > 0)
            #expect(story.cost == end.cost)
            #expect(end.backend?.hasPrefix("127.0.0.1:") == true)
            #expect(end.failure == nil)
            let first = try #require(end.firstByteAfter)
            #expect(attempt.begunAfter <= first)
            #expect(first <= end.endedAfter)
            let cost = try #require(answer.headers.first(name: "x-weir-cost"))
            #expect(cost == "\(Money.text(nano: end.cost)) USD")
        }
    }

    @Test("each attempt has a decision, and each decision leads to the same story")
    func retried() async throws {
        var bad = MockSettings()
        bad.faults.fail = 100
        bad.failStatus = 500
        try await TestGateway.with(limits: Self.limits, backends: [bad, MockSettings()]) { server in
            var story: ExplainedRequest?
            for _ in 0..<10 where (story?.attempts.count ?? 0) < 2 {
                let answer = try await server.send(chat: chat(#","max_tokens":9"#))
                #expect(answer.status == 200, "\(answer.text)")
                try await server.settle()
                story = try self.story(try id(answer), server)
            }
            let found = try #require(story)
            #expect(found.attempts.count == 2)
            #expect(found.attempts.map(\.end?.failure) == ["status_500", nil])
            #expect(found.attempts.map(\.end?.outcome) == ["failed", "completed"])
            #expect(found.outcome == "completed")
            let ids = found.attempts.map(\.decision.id)
            #expect(Set(ids).count == 2)
            for id in ids {
                #expect(try self.story(id, server).attempts.map(\.decision.id) == ids)
            }
            #expect(Set(found.attempts.map(\.end?.backend)).count == 2)
        }
    }

    @Test("a refusal is kept with its limits, and no attempt was made")
    func refused() async throws {
        let limits: [Limit] = [.month(.apiCalls, 1), .month(.aiTokens, 1_000_000)]
        try await TestGateway.with(limits: limits) { server in
            _ = try await server.send(chat: chat())
            let answer = try await server.send(chat: chat())
            #expect(answer.status == 429)
            let id = try id(answer)
            let decision = try #require(server.gateway.explanations.story(id)?.decision(id))
            #expect(decision.deniedBy?.limitID == "tenant:api_calls/month")
            #expect(try story(id, server).outcome == "refused")
            #expect(try story(id, server).attempts[0].held.isEmpty)
        }
    }

    @Test("a stream that is cut is told with what was counted and held besides")
    func cut() async throws {
        var long = MockSettings()
        long.outputTokens = 400
        try await TestGateway.with(limits: Self.limits, backends: [long]) { server in
            let answer = try await server.send(
                chat: chat(#","stream":true,"max_tokens":400,"mock":{"fail":"cut:300"}"#))
            try await server.settle()
            let end = try #require(try story(try id(answer), server).attempts.first?.end)
            #expect(end.outcome == "failed")
            #expect(end.failure == "broken_off")
            #expect(end.tokens.isEstimated)
            #expect(end.tokens.output >= 290)
            #expect(end.extendedTokens >= 0)
        }
    }

    @Test("nothing is kept where explanations are switched off")
    func off() async throws {
        try await TestGateway.with(limits: Self.limits, explainedDecisions: 0) { server in
            let answer = try await server.send(chat: chat())
            #expect(answer.status == 200)
            try await server.settle()
            #expect(server.gateway.explanations.story(try id(answer)) == nil)
        }
    }
}
