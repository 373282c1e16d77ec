import MockBackend
import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

/// Requests with many prompts: the caps, bills and limits are those of all choices together.
@Suite("batches of prompts", .timeLimit(.minutes(10)))
struct BatchTests {
    private static let prompts = 100
    private static let each = 10
    private static var all: Int { prompts * each }

    private func batch(_ more: String = "") -> String {
        let prompts = (0..<Self.prompts).map { #""Continue text number \#($0)""# }
        return #"{"model":"small","prompt":[\#(prompts.joined(separator: ","))],"#
            + #""max_tokens":\#(Self.each)\#(more)}"#
    }

    private static func allows(_ tokens: Int) -> TestGateway.Configure {
        { $0.models[0].maximumOutputTokens = Int64(tokens) }
    }

    @Test("all choices are held and billed, as the backend says")
    func whole() async throws {
        try await TestGateway.with(
            limits: TestGateway.wide, configure: Self.allows(Self.all)
        ) { server in
            let answer = try await server.send("/v1/completions", batch())
            #expect(answer.status == 200, "\(answer.text)")
            let json = try JSONValue(parsing: answer.text.utf8)
            #expect(json["choices"]?.arrayValue?.count == Self.prompts)
            try await server.settle()
            let statistics = server.backends[0].statistics
            #expect(statistics.completionTokens == Self.all)
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens == (Int64(statistics.promptTokens + Self.all), 0))
            #expect(try await server.used(Meter.apiCalls.id) == (1, 0))
            let attempt = try #require(try server.story(answer).attempts.first)
            #expect(attempt.estimate.output == Self.all)
            #expect(attempt.held.map(\.amount).max() ?? 0 >= Self.all)
            #expect(attempt.end?.tokens.isEstimated == false)
            #expect(attempt.end?.isContradictory == false)
        }
    }

    @Test("beyond what the model may put out, a batch is refused before a backend is asked")
    func tooMuch() async throws {
        try await TestGateway.with(
            limits: TestGateway.wide, configure: Self.allows(Self.all - 1)
        ) { server in
            for more in ["", #","stream":true"#] {
                let answer = try await server.send("/v1/completions", batch(more))
                #expect(answer.status == 400, "\(answer.text)")
                let error = try #require(try JSONValue(parsing: answer.text.utf8)["error"])
                #expect(error["param"]?.stringValue == "max_tokens")
                #expect(error["type"]?.stringValue == "invalid_request_error")
                #expect(error["message"]?.stringValue?.contains("\(Self.all - 1)") == true)
            }
            try await server.settle()
            #expect(server.backends[0].statistics.requests == 0)
            #expect(try await server.used(Meter.aiTokens.id) == (0, 0))
        }
    }

    @Test("streams of batches come whole, however many, and the backend stays in use")
    func streams() async throws {
        let settings: TestGateway.Configure = {
            Self.allows(Self.all)(&$0)
            $0.retries = 0
        }
        try await TestGateway.with(
            limits: TestGateway.wide,
            configure: settings
        ) { server in
            // More than the failures in a row that would take it out.
            for _ in 0..<8 {
                let answer = try await server.send("/v1/completions", batch(#","stream":true"#))
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
                #expect(!answer.text.contains(#""error""#))
                try await server.settle()
                let end = try #require(try server.story(answer).attempts.first?.end)
                #expect(end.outcome == "completed")
                #expect(end.tokens.output == Self.all)
                #expect(!end.tokens.isEstimated)
            }
            let statistics = server.backends[0].statistics
            #expect(statistics.completed == 8)
            let tokens = try await server.used(Meter.aiTokens.id)
            #expect(tokens == (Int64(statistics.promptTokens + statistics.completionTokens), 0))
        }
    }
}
