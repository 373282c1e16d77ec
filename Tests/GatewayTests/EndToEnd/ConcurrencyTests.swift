import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing

@testable import Gateway

/// A limit on requests at a time: it counts from the admission to the end of the answer.
@Suite("requests at a time", .timeLimit(.minutes(10)))
struct ConcurrencyTests {
    private static let limits = [
        Limit(meter: Meter.apiCalls.id, window: .concurrent, quantity: 2),
        Limit(meter: Meter.aiTokens.id, window: .month, quantity: 1_000_000),
    ]

    private let chat =
        #"{"model":"small","stream":true,"messages":[{"role":"user","content":"hello"}]}"#

    @Test("one more than may be is told to wait, and passes when another has ended")
    func waits() async throws {
        let backend = try await ScriptedBackend { _ in
            .say(
                ScriptedBackend.streamHead + ScriptedBackend.event(ScriptedBackend.piece("A")))
        }
        try await TestGateway.with(scripted: [backend], limits: Self.limits) { server in
            let path = "/v1/chat/completions"
            var first = OpenAnswer(try await server.respond(path, chat))
            var second = OpenAnswer(try await server.respond(path, chat))
            for answer in [first, second] { #expect(answer.status == 200) }
            let refused = try await server.send(chat: chat)
            #expect(refused.status == 429)
            let error = try #require(try JSONValue(parsing: refused.text.utf8)["error"])
            #expect(error["code"]?.stringValue == "rate_limit_exceeded")
            #expect(error["type"]?.stringValue == "requests")
            #expect(error["limit_id"]?.stringValue == "tenant:api_calls/concurrent")
            #expect(error["requested"]?.integerValue == 1)
            #expect(error["available"]?.integerValue == 0)
            #expect(refused.headers.first(name: "Retry-After") == "1")
            #expect(backend.requests.count == 2, "no backend hears of a refused request")

            let ending = ScriptedBackend.ending(7, 1).map { ScriptedBackend.event($0) }.joined()
            let end = ending + ScriptedBackend.done + ScriptedBackend.streamEnd
            try await backend.say(end, to: 0)
            #expect(try await first.rest().hasSuffix("data: [DONE]\n\n"))
            var third = OpenAnswer(try await server.respond(path, chat))
            #expect(third.status == 200)
            try await backend.say(end, to: 1)
            try await backend.say(end, to: 2)
            #expect(try await second.rest().hasSuffix("data: [DONE]\n\n"))
            #expect(try await third.rest().hasSuffix("data: [DONE]\n\n"))
            try await server.settle()
            #expect(try await server.used(Meter.aiTokens.id) == (24, 0))
        }
    }
}
