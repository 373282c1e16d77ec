import NIOHTTP1
import QuotaModel
import StrictJSON
import Testing

@testable import Gateway

/// Which figures are believed, and what is billed where they are not.
@Suite("what backends say of their use", .timeLimit(.minutes(10)))
struct UsageTests {
    private static let prompt = "Say something about weirs, and about the fish that pass them."

    private func chat(_ more: String = "") -> String {
        #"{"model":"small","messages":[{"role":"user","content":"\#(Self.prompt)"}]\#(more)}"#
    }

    /// Checks that the prompt was booked by estimate, with so many tokens of output, and flagged.
    private func expectEstimate(output: Int64?, _ server: TestGateway) async throws {
        let note = try await server.note()
        #expect(note["outcome"]?.stringValue == "completed")
        #expect(note["estimated"]?.boolValue == true)
        #expect(note["usage_contradicts_stream"]?.boolValue == true)
        let input = try #require(note["input_tokens"]?.integerValue)
        #expect(input == note["estimated_input_tokens"]?.integerValue)
        // No text has fewer tokens than a 32nd of its bytes.
        #expect(input >= Int64(Self.prompt.utf8.count / 32))
        let booked = try #require(note["output_tokens"]?.integerValue)
        if let output { #expect(booked == output) } else { #expect(booked > 0) }
        #expect(try await server.used(Meter.aiTokens.id) == (input + booked, 0))
        #expect(try await server.used(Meter.apiCalls.id) == (1, 0))
    }

    @Test("a usage of zeros makes no prompt and no answer free", arguments: [false, true])
    func zeros(isStream: Bool) async throws {
        let zeros = ScriptedBackend.usage(0, 0)
        let text = "A weir is a low dam that is built across a river."
        let backend = try await ScriptedBackend { _ in
            isStream
                ? .say(
                    ScriptedBackend.stream(
                        [text, text].map { ScriptedBackend.piece($0) }
                            + ScriptedBackend.ending(0, 0)))
                : .say(ScriptedBackend.whole(ScriptedBackend.chat(text, #","usage":\#(zeros)"#)))
        }
        try await TestGateway.with(scripted: [backend]) { server in
            let answer = try await server.send(chat: chat(#","stream":\#(isStream)"#))
            #expect(answer.status == 200, "\(answer.text)")
            try await expectEstimate(output: nil, server)
        }
    }

    @Test("a prompt of no tokens is not believed beside an output that may be true")
    func zeroPrompt() async throws {
        let usage = #","usage":\#(ScriptedBackend.usage(0, 4))"#
        let backend = try await ScriptedBackend { _ in
            .say(ScriptedBackend.whole(ScriptedBackend.chat("A low dam.", usage)))
        }
        try await TestGateway.with(scripted: [backend]) { server in
            #expect(try await server.send(chat: chat()).status == 200)
            try await expectEstimate(output: 4, server)
        }
    }

    @Test("embeddings of no tokens are billed by estimate")
    func embeddings() async throws {
        let backend = try await ScriptedBackend { _ in
            .say(
                ScriptedBackend.whole(
                    #"{"object":"list","data":[{"object":"embedding","index":0,"#
                        + #""embedding":[0.5,0.25]}],"#
                        + #""usage":{"prompt_tokens":0,"total_tokens":0}}"#))
        }
        try await TestGateway.with(scripted: [backend]) { server in
            let answer = try await server.send(
                "/v1/embeddings", #"{"model":"small","input":"\#(Self.prompt)"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            try await expectEstimate(output: 0, server)
        }
    }

    /// How a backend repeats the prompt before its answer.
    enum Echo: String, CaseIterable, Sendable {
        /// In a whole answer.
        case whole
        /// In a stream, in one event.
        case atOnce
        /// In a stream, four bytes at a time.
        case piecewise
    }

    @Test(
        "an echo of the prompt is no output, and no usage is doubted for it",
        arguments: Echo.allCases)
    func echo(_ echo: Echo) async throws {
        let prompt = String(repeating: "The weir holds ", count: 60)
        let (input, output) = (prompt.utf8.count / 4, 3)
        let usage = ScriptedBackend.usage(input, output)
        let backend = try await ScriptedBackend { _ in
            func piece(_ text: String) -> String {
                #"{"choices":[{"index":0,"text":"\#(text)","finish_reason":null}]}"#
            }
            var pieces: [String] = []
            switch echo {
            case .whole:
                return .say(
                    ScriptedBackend.whole(
                        #"{"choices":[{"index":0,"text":"\#(prompt)back the river.","#
                            + #""finish_reason":"length"}],"usage":\#(usage)}"#))
            case .atOnce: pieces = [prompt]
            case .piecewise:
                var rest = prompt[...]
                while !rest.isEmpty {
                    pieces.append(String(rest.prefix(4)))
                    rest = rest.dropFirst(4)
                }
            }
            pieces += ["back", " the", " river."]
            return .say(
                ScriptedBackend.stream(
                    pieces.map(piece) + ScriptedBackend.ending(input, output)))
        }
        try await TestGateway.with(scripted: [backend]) { server in
            let answer = try await server.send(
                "/v1/completions",
                #"{"model":"small","prompt":"\#(prompt)","echo":true,"max_tokens":3,"#
                    + #""stream":\#(echo != .whole)}"#)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(!answer.text.contains(#""error""#))
            #expect(answer.text.contains("river."))
            let note = try await server.note()
            #expect(note["outcome"]?.stringValue == "completed")
            #expect(note["estimated"]?.boolValue == false)
            #expect(note["usage_contradicts_stream"] == nil)
            #expect(note["input_tokens"]?.integerValue == Int64(input))
            #expect(note["output_tokens"]?.integerValue == Int64(output))
            #expect(try await server.used(Meter.aiTokens.id) == (Int64(input + output), 0))
        }
    }

    @Test("without echo the same text is output, which a usage of three tokens contradicts")
    func noEcho() async throws {
        let text = String(repeating: "The weir holds ", count: 60)
        let usage = ScriptedBackend.usage(20, 3)
        let backend = try await ScriptedBackend { _ in
            .say(
                ScriptedBackend.whole(
                    #"{"choices":[{"index":0,"text":"\#(text)","finish_reason":"stop"}],"#
                        + #""usage":\#(usage)}"#))
        }
        try await TestGateway.with(scripted: [backend]) { server in
            let answer = try await server.send(
                "/v1/completions", #"{"model":"small","prompt":"\#(Self.prompt)"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            let note = try await server.note()
            #expect(note["usage_contradicts_stream"]?.boolValue == true)
            #expect(note["input_tokens"]?.integerValue == 20)
            #expect(note["output_tokens"]?.integerValue == Int64(text.utf8.count / 4))
        }
    }

    @Test("an event of two mebibytes passes in a stream of a response")
    func largeEvent() async throws {
        let instructions = String(repeating: "weir", count: 1 << 19)
        let usage = #"{"input_tokens":9,"output_tokens":2,"total_tokens":11}"#
        let backend = try await ScriptedBackend { _ in
            let events = [
                #"{"type":"response.created","response":{"instructions":"\#(instructions)"}}"#,
                #"{"type":"response.output_text.delta","delta":"A"}"#,
                #"{"type":"response.output_text.delta","delta":" dam"}"#,
                #"{"type":"response.completed","response":{"instructions":"\#(instructions)","#
                    + #""usage":\#(usage)}}"#,
            ]
            return .say(
                ScriptedBackend.streamHead + events.map { ScriptedBackend.event($0) }.joined()
                    + ScriptedBackend.streamEnd)
        }
        try await TestGateway.with(scripted: [backend]) { server in
            let answer = try await server.send(
                "/v1/responses", #"{"model":"small","input":"\#(Self.prompt)","stream":true}"#)
            #expect(answer.status == 200)
            let events = answer.text.split(separator: "\n\n")
            #expect(
                events.map { $0.utf8.count > instructions.utf8.count } == [
                    true, false, false, true,
                ])
            #expect(events.last?.contains("response.completed") == true)
            #expect(!answer.text.contains(#""error""#))
            let note = try await server.note()
            #expect(note["outcome"]?.stringValue == "completed")
            #expect(note["estimated"]?.boolValue == false)
            #expect(try await server.used(Meter.aiTokens.id) == (11, 0))
        }
    }
}
