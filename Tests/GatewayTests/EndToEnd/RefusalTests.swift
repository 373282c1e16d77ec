import MockBackend
import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing
import WeirHTTP

@testable import Gateway

/// What callers are told where they get no answer.
@Suite("errors of the gateway", .timeLimit(.minutes(10)))
struct RefusalTests {
    private func chat(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"Say something about weirs."}]"#
            + "\(more)}"
    }

    private func error(_ answer: TestAnswer) throws -> JSONValue {
        try #require(try JSONValue(parsing: answer.text.utf8)["error"], "\(answer.text)")
    }

    private static let onlyOne: TestGateway.Configure = { $0.retries = 0 }

    // MARK: Decisions

    /// A fault of the mock, the status that the caller gets, and how the record calls the fault.
    static let faults = [
        ("500", 502, "status_500"), ("429", 503, "status_429"), ("503", 503, "status_503"),
        ("reset", 502, "broken_off"), ("garbage", 502, "garbage"), ("stall", 504, "timed_out"),
        ("404", 404, "status_404"),
    ]

    @Test(
        "an error of a backend tells the decision, by which it can be explained", arguments: faults)
    func decision(fault: String, status: Int, failure: String) async throws {
        let settings: TestGateway.Configure = {
            $0.retries = 0
            if fault == "stall" { $0.firstByteTimeoutMilliseconds = 100 }
        }
        try await TestGateway.with(limits: TestGateway.wide, configure: settings) { server in
            let answer = try await server.send(chat: chat(#","mock":{"fail":"\#(fault)"}"#))
            #expect(answer.status == status, "\(answer.text)")
            try await server.settle()
            let story = try server.story(answer)
            #expect(story.attempts.map(\.end?.failure) == [failure])
            #expect(
                story.attempts.map(\.decision.id)
                    == [answer.headers.first(name: "x-weir-decision-id")])
        }
    }

    @Test("a backend that can't be reached, and one that is taken out, are explained, too")
    func unreachable() async throws {
        let away = try ScriptedBackend.absent()
        let settings: TestGateway.Configure = {
            $0.retries = 0
            $0.models[0].backends = [away]
        }
        try await TestGateway.with(limits: TestGateway.wide, configure: settings) { server in
            for number in 0..<6 {
                let answer = try await server.send(chat: chat())
                #expect(answer.status == 503, "\(answer.text)")
                #expect(try error(answer)["code"]?.stringValue == "no_capacity")
                #expect(answer.headers.contains(name: "Retry-After"))
                try await server.settle()
                let end = try #require(try server.story(answer).attempts.last?.end)
                #expect(end.failure == (number < 5 ? "unreachable" : "none_free"))
                #expect(end.isVoided)
            }
        }
    }

    @Test("the end of a stream that was cut tells the decision that refused, and is explained")
    func cut() async throws {
        let limits: [Limit] = [.month(.apiCalls, 100), .month(.aiTokens, 700)]
        try await TestGateway.with(limits: limits, backends: [.long()]) { server in
            let answer = try await server.send(chat: chat(#","stream":true"#))
            #expect(answer.status == 200)
            let last = try #require(answer.text.split(separator: "\n\n").last)
            let event = try JSONValue(parsing: last.dropFirst("data: ".count).utf8)
            let id = try #require(event["error"]?["decision_id"]?.stringValue, "\(last)")
            let refusal = try #require(server.gateway.explanations.story(id)?.decision(id))
            #expect(refusal.deniedBy?.limitID == "tenant:ai_tokens/month")
            try await server.settle()
            #expect(try server.story(answer).outcome == "exhausted")
        }
    }

    // MARK: Credentials

    @Test(
        "who has no good key is told before the body is there, and the next one is served",
        arguments: ["", "wk_live_wrong", "altered"])
    func wrongKey(key: String) async throws {
        try await TestGateway.with(limits: TestGateway.wide) { server in
            let altered = String(server.key.dropLast()) + (server.key.hasSuffix("a") ? "b" : "a")
            let length = 5_000_000
            let caller = try await RawCaller(to: server)
            try await caller.say(
                RawCaller.head(
                    key: key.isEmpty ? nil : key == "altered" ? altered : key, length: length))
            // Not a byte of the body has been sent.
            try await caller.hasHeard(#""code":"invalid_api_key""#)
            #expect(caller.text.hasPrefix("HTTP/1.1 401 "))
            // A client that sends it all the same has lost nothing but that.
            try await caller.say(String(repeating: "x", count: length))
            #expect(!caller.isClosed)
            try await caller.ask(chat(#","max_tokens":5"#), key: server.key)
            try await caller.hasHeard(#""completion_tokens":5"#)
            try await caller.leave()
            try await server.settle()
            #expect(server.backends[0].statistics.requests == 1)
        }
    }

    // MARK: What backends say

    @Test(
        "an error inside a whole answer of status 200 is one, in the backend's words",
        arguments: [
            #"{"error":{"message":"CUDA out of memory","type":"server_error","code":null}}"#,
            #"{"error":"CUDA out of memory"}"#,
            #"{"object":"error","message":"CUDA out of memory","code":500}"#,
        ])
    func errorInside(text: String) async throws {
        let backend = try await ScriptedBackend { _ in .say(ScriptedBackend.whole(text)) }
        try await TestGateway.with(scripted: [backend], configure: Self.onlyOne) { server in
            let answer = try await server.send(chat: chat())
            #expect(answer.status == 502, "\(answer.text)")
            let error = try error(answer)
            #expect(error["code"]?.stringValue == "backend_error")
            #expect(error["message"]?.stringValue?.contains("CUDA out of memory") == true)
            try await server.settle()
            #expect(try server.story(answer).attempts.first?.end?.failure == "reported_error")
            #expect(try await server.used(Meter.aiTokens.id) == (0, 0))
            #expect(try await server.used(Meter.apiCalls.id) == (0, 0))
        }
    }

    @Test("that there is no error may be said, too", arguments: ["false", "null"])
    func noError(value: String) async throws {
        let text = ScriptedBackend.chat(
            "A low dam.", #","error":\#(value),"usage":\#(ScriptedBackend.usage(7, 4))"#)
        let backend = try await ScriptedBackend { _ in .say(ScriptedBackend.whole(text)) }
        try await TestGateway.with(scripted: [backend], configure: Self.onlyOne) { server in
            let answer = try await server.send(chat: chat())
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text == text)
            try await server.settle()
            #expect(try await server.used(Meter.aiTokens.id) == (11, 0))
        }
    }

    @Test(
        "no caller is sent away for longer than a day", arguments: [429, 503], [86_401, Int64.max])
    func longWait(status: Int, seconds: Int64) async throws {
        let backend = try await ScriptedBackend { _ in
            .say(
                ScriptedBackend.whole(
                    "{}", status: "\(status) Busy", fields: ["Retry-After: \(seconds)"]))
        }
        try await TestGateway.with(scripted: [backend], configure: Self.onlyOne) { server in
            let answer = try await server.send(chat: chat())
            #expect(answer.status == 503, "\(answer.text)")
            #expect(answer.headers["Retry-After"] == ["86400"])
            // The next is not sent there at all.
            let next = try await server.send(chat: chat())
            #expect(next.status == 503, "\(next.text)")
            let wait = next.headers.first(name: "Retry-After").flatMap { Int64($0) }
            #expect((1...86_400).contains(try #require(wait)))
            #expect(backend.requests.count == 1)
        }
    }

    @Test("a shorter wait is passed on as it is")
    func shortWait() async throws {
        let backend = try await ScriptedBackend { _ in
            .say(
                ScriptedBackend.whole("{}", status: "503 Busy", fields: ["Retry-After: 86400"]))
        }
        try await TestGateway.with(scripted: [backend], configure: Self.onlyOne) { server in
            let answer = try await server.send(chat: chat())
            #expect(answer.headers["Retry-After"] == ["86400"])
        }
    }

    // MARK: What callers say

    @Test("a model's name of a megabyte is not said again", arguments: ["m", "\u{1F41F}", "\""])
    func longName(letter: String) async throws {
        let quoted = letter == "\"" ? #"\""# : letter
        let name = String(repeating: quoted, count: 1_000_000 / quoted.utf8.count)
        try await TestGateway.with(limits: TestGateway.wide) { server in
            let answer = try await server.send(
                chat: chat().replacing(#""small""#, with: #""\#(name)""#))
            #expect(answer.status == 404)
            #expect(answer.text.utf8.count < 1_024, "\(answer.text.utf8.count)")
            let error = try error(answer)
            #expect(error["code"]?.stringValue == "model_not_found")
            #expect(error["param"]?.stringValue == "model")
            #expect(error["message"]?.stringValue?.contains(letter) == true)
        }
    }
}
