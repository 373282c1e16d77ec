import MockBackend
import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

/// Streams that begin with what is left, take more as they go, and end where there is no more.
@Suite("streams within small budgets", .timeLimit(.minutes(10)))
struct BudgetTests {
    private static let cost = Money.meter(of: "USD")

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

    @Test("reasoning that costs ten times as much does not get past a budget of money")
    func reasoning() async throws {
        let price = try ModelPrice(
            currency: "USD", input: 150_000, output: 600_000, reasoning: 6_000_000)
        // Some 700 tokens of reasoning.
        let budget: Int64 = 4_200_000
        let limits: [Limit] = [
            .month(.apiCalls, 100), Limit(meter: Self.cost, window: .month, quantity: budget),
        ]
        try await TestGateway.with(
            limits: limits, backends: [.long(reasoningPercent: 100)], price: price
        ) { server in
            let answer = try await server.send(chat: chat(#","max_tokens":5000"#))
            #expect(answer.status == 200, "\(answer.text)")
            let error = try lastError(answer.text)
            #expect(error["code"]?.stringValue == "insufficient_quota")
            #expect(error["limit_id"]?.stringValue == "tenant:cost_usd/month")
            #expect(!answer.text.contains("[DONE]"))
            try await server.settle()
            let spent = try await server.used(Self.cost)
            #expect(spent.held == 0)
            #expect((1...budget).contains(spent.used))
            // Not more of it was passed on than the budget pays for.
            let relayed = answer.text.components(of: #""reasoning_content":" "#)
            #expect(Int64(relayed) * 6_000 <= budget)
        }
    }

    @Test("whole streams of reasoning are paid at its price, until there is no money left")
    func wholeReasoning() async throws {
        let price = try ModelPrice(
            currency: "USD", input: 150_000, output: 600_000, reasoning: 6_000_000)
        // Enough for 20 streams, but the last might be reasoning alone.
        let budget: Int64 = 4_100_000
        let limits: [Limit] = [
            .month(.apiCalls, 100), Limit(meter: Self.cost, window: .month, quantity: budget),
        ]
        try await TestGateway.with(
            limits: limits, backends: [.long(60, reasoningPercent: 50)], price: price
        ) { server in
            var (whole, last) = (Int64(0), 200)
            while last == 200, whole < 50 {
                let answer = try await server.send(chat: chat(#","max_tokens":60"#))
                last = answer.status
                guard answer.text.contains("[DONE]") else { break }
                whole += 1
                try await server.settle()
                // The mock's prompt has 7 tokens or so, half of the answer is reasoning.
                let statistics = server.backends[0].statistics
                let expected =
                    Int64(statistics.promptTokens) * 150 + whole * (30 * 600 + 30 * 6_000)
                #expect(try await server.used(Self.cost) == (expected, 0))
            }
            #expect(whole == 19)
            try await server.settle()
            let spent = try await server.used(Self.cost)
            #expect(spent.held == 0)
            #expect(spent.used <= budget)
        }
    }

    @Test("a stream that began with less is tried on the next backend with less, too")
    func shrunkRetry() async throws {
        let away = try ScriptedBackend.absent()
        let limits: [Limit] = [.month(.apiCalls, 100), .month(.aiTokens, 150)]
        let settings: TestGateway.Configure = {
            $0.models[0].strategy = .weighted
            $0.models[0].backends.insert(away, at: 0)
        }
        try await TestGateway.with(
            limits: limits,
            configure: settings
        ) { server in
            let answer = try await server.send(chat: chat(#","max_tokens":10000"#))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            try await server.settle()
            let story = try server.story(answer)
            #expect(story.attempts.map(\.end?.failure) == ["unreachable", nil])
            let held = story.attempts.map { $0.held.map(\.amount).max() ?? 0 }
            #expect(held == [150, 150])
            let statistics = server.backends[0].statistics
            #expect(
                try await server.used(Meter.aiTokens.id)
                    == (Int64(statistics.promptTokens + statistics.completionTokens), 0))
            #expect(try await server.used(Meter.apiCalls.id) == (1, 0))
        }
    }

    @Test("with money for a few tokens a stream begins, and is cut where it ends")
    func littleMoney() async throws {
        let price = try ModelPrice(currency: "USD", input: 150_000, output: 600_000)
        // The prompt, which is taken to have 9 tokens, and 20 more.
        let budget: Int64 = 9 * 150 + 20 * 600
        let limits: [Limit] = [
            .month(.apiCalls, 100), Limit(meter: Self.cost, window: .month, quantity: budget),
        ]
        try await TestGateway.with(limits: limits, backends: [.long()], price: price) { server in
            let answer = try await server.send(chat: chat(#","max_tokens":5000"#))
            #expect(answer.status == 200, "\(answer.text)")
            let error = try lastError(answer.text)
            #expect(error["type"]?.stringValue == "insufficient_quota")
            #expect(error["code"]?.stringValue == "insufficient_quota")
            #expect(error["limit_id"]?.stringValue == "tenant:cost_usd/month")
            try await server.settle()
            let spent = try await server.used(Self.cost)
            #expect(spent.held == 0)
            #expect((1...budget).contains(spent.used))
        }
    }

    @Test("with money for less than sixteen tokens no stream begins")
    func tooLittleMoney() async throws {
        let price = try ModelPrice(currency: "USD", input: 150_000, output: 600_000)
        let limits: [Limit] = [
            .month(.apiCalls, 100),
            Limit(meter: Self.cost, window: .month, quantity: 9 * 150 + 15 * 600),
        ]
        try await TestGateway.with(limits: limits, backends: [.long()], price: price) { server in
            let answer = try await server.send(chat: chat(#","max_tokens":5000"#))
            #expect(answer.status == 429, "\(answer.text)")
            #expect(answer.headers.first(name: "x-should-retry") == "false")
            #expect(server.backends[0].statistics.requests == 0)
            #expect(try await server.used(Self.cost) == (0, 0))
        }
    }

    @Test("where two budgets are short, a stream begins with what is left of both")
    func twoBudgets() async throws {
        let price = try ModelPrice(currency: "USD", input: 150_000, output: 600_000)
        // 150 tokens, but money for 40 only.
        let limits: [Limit] = [
            .month(.apiCalls, 100), .month(.aiTokens, 150),
            Limit(meter: Self.cost, window: .month, quantity: 9 * 150 + 40 * 600),
        ]
        try await TestGateway.with(limits: limits, backends: [.long()], price: price) { server in
            let answer = try await server.send(chat: chat(#","max_tokens":5000"#))
            #expect(answer.status == 200, "\(answer.text)")
            let error = try lastError(answer.text)
            #expect(error["code"]?.stringValue == "insufficient_quota")
            #expect(error["limit_id"]?.stringValue == "tenant:cost_usd/month")
            try await server.settle()
            let spent = try await server.used(Self.cost)
            #expect(spent.held == 0)
            #expect((1...9 * 150 + 40 * 600).contains(spent.used))
        }
    }
}
