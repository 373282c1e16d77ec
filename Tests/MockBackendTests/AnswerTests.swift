import NIOCore
import StrictJSON
import Testing

@testable import MockBackend

@Suite("What answers look like")
struct AnswerTests {
    private func whole(_ request: MockRequest) throws -> JSONValue {
        var drive = Drive(try plan(request))
        #expect(drive.run() == .done)
        #expect(drive.text.contains("\r\nContent-Length: \(drive.body.utf8.count)\r\n"))
        return try drive.document
    }

    private func stream(_ request: MockRequest) throws -> [String] {
        var drive = Drive(try plan(request))
        #expect(drive.run() == .done)
        #expect(drive.generation.tokens == drive.generation.plan.tokens)
        return drive.events
    }

    @Test("A chat has what the OpenAI client reads, whole and in pieces, with the same text")
    func chats() throws {
        let answer = try whole(chat(#","n":2,"max_tokens":20"#))
        for name in ["id", "object", "created", "model", "choices", "usage"] {
            #expect(answer[name] != nil, "\(name)")
        }
        #expect(answer["object"]?.stringValue == "chat.completion")
        let choices = try #require(answer["choices"]?.arrayValue)
        #expect(choices.map { $0["index"]?.integerValue } == [0, 1])
        #expect(choices.allSatisfy { $0["finish_reason"]?.stringValue == "length" })
        let text = try #require(choices[0]["message"]?["content"]?.stringValue)
        #expect(text.utf8.count == 100)
        #expect(choices[0]["message"]?["role"]?.stringValue == "assistant")
        #expect(answer["usage"]?["prompt_tokens"]?.integerValue == 2)
        #expect(answer["usage"]?["completion_tokens"]?.integerValue == 40)
        #expect(answer["usage"]?["total_tokens"]?.integerValue == 42)

        let events = try stream(chat(#","n":2,"max_tokens":20,"stream":true"#))
        #expect(events.last == "[DONE]")
        var texts = ["", ""]
        var finishes: [String] = []
        for chunk in try documents(of: events) {
            #expect(chunk["object"]?.stringValue == "chat.completion.chunk")
            for name in ["id", "created", "model"] { #expect(chunk[name] == answer[name]) }
            #expect(chunk["usage"] == nil)
            let choice = try #require(chunk["choices"]?.arrayValue?.first)
            let index = try #require(choice["index"]?.integerValue)
            texts[Int(index)] += choice["delta"]?["content"]?.stringValue ?? ""
            if let finish = choice["finish_reason"]?.stringValue { finishes.append(finish) }
        }
        #expect(texts == [text, text])
        #expect(finishes == ["length", "length"])
    }

    @Test("A stream ends with its usage if that was asked for, and only then")
    func streamUsage() throws {
        let asked = #","stream":true,"max_tokens":5,"stream_options":{"include_usage":true}"#
        let last = try #require(try documents(of: stream(chat(asked))).last)
        #expect(last["choices"]?.arrayValue == [])
        #expect(last["usage"]?["completion_tokens"]?.integerValue == 5)
        #expect(last["usage"]?["prompt_tokens_details"]?["cached_tokens"] != nil)
        #expect(last["usage"]?["completion_tokens_details"]?["reasoning_tokens"] != nil)
        let silent = settings { $0.givesUsage = false }
        for members in [asked, ""] {
            var drive = Drive(try plan(chat(members), silent))
            #expect(drive.run() == .done)
            #expect(!drive.text.contains("usage"))
        }
    }

    @Test("Reasoning comes before the text, and counts as tokens")
    func reasoning() throws {
        let thinking = settings { $0.reasoningPercent = 50 }
        var drive = Drive(try plan(chat(#","stream":true,"max_tokens":10"#), thinking))
        #expect(drive.run() == .done)
        let deltas = try documents(of: drive.events)
            .compactMap { $0["choices"]?.arrayValue?.first?["delta"] }
        let thought = deltas.compactMap { $0["reasoning_content"]?.stringValue }
        let said = deltas.compactMap { $0["content"]?.stringValue }.filter { !$0.isEmpty }
        #expect(thought.count == 5)
        #expect(said.count == 5)
        var answer = Drive(try plan(chat(#","max_tokens":10"#), thinking))
        #expect(answer.run() == .done)
        let message = try answer.document["choices"]?.arrayValue?.first?["message"]
        #expect(message?["reasoning_content"]?.stringValue == thought.joined())
        #expect(message?["content"]?.stringValue == said.joined())
    }

    @Test("A long stream is written in blocks, of the same events as one by one", arguments: 1...3)
    func blocks(choices: Int) throws {
        let members = #","stream":true,"n":\#(choices),"mock":{"tokens":1500}"#
        let plan = try plan(chat(members), settings { $0.reasoningPercent = 1 })
        var drive = Drive(plan)
        #expect(drive.run() == .done)
        var events = MockEvents(plan, MockIdentity(number: 42, created: 1_700_000_000))
        var expected = ByteBuffer()
        events.writeOpening(into: &expected)
        events.writeTokens(plan.tokens, into: &expected)
        events.writeEnding(into: &expected)
        #expect(drive.body == String(buffer: expected))
        #expect(drive.generation.tokens == 1_500 * choices)
    }

    @Test("A completion has a text for each prompt and choice")
    func completions() throws {
        let body = #"{"model":"mock","prompt":["a","b"],"n":2,"max_tokens":4"#
        let answer = try whole(request(body + "}", .completion))
        let texts = try #require(answer["choices"]?.arrayValue).map { $0["text"]?.stringValue }
        #expect(texts == Array(repeating: " over then weir flow", count: 4))
        #expect(answer["object"]?.stringValue == "text_completion")
        #expect(answer["usage"]?["completion_tokens"]?.integerValue == 16)
        let events = try stream(request(body + #","stream":true}"#, .completion))
        #expect(events.last == "[DONE]")
        let chunks = try documents(of: events)
        #expect(chunks.count == 16 + 4)
        #expect(chunks.allSatisfy { $0["object"]?.stringValue == "text_completion" })
    }

    @Test("Embeddings are numbers, or base64 of the same floats")
    func embeddings() throws {
        let body = #"{"model":"mock","input":["a","b"],"dimensions":3"#
        let answer = try whole(request(body + "}", .embedding))
        let data = try #require(answer["data"]?.arrayValue)
        #expect(data.count == 2)
        let numbers = data[1]["embedding"]?.arrayValue?.compactMap { $0.numberValue?.double }
        #expect(numbers == [0.5, -0.25, 0.125])
        #expect(answer["usage"]?["prompt_tokens"]?.integerValue == 1)
        let encoded = try whole(request(body + #","encoding_format":"base64"}"#, .embedding))
        let text = encoded["data"]?.arrayValue?.first?["embedding"]?.stringValue
        // 0000003f 000080be 0000003e
        #expect(text == "AAAAPwAAgL4AAAA+")
        #expect(MockEmbedding.base64([1]) == Array("AQ==".utf8))
        #expect(MockEmbedding.base64([1, 2]) == Array("AQI=".utf8))
    }

    @Test("A response is made of numbered events, and its end has the whole with its usage")
    func responses() throws {
        let body = #"{"model":"mock","input":"hello","max_output_tokens":4"#
        let answer = try whole(request(body + "}", .response))
        #expect(answer["object"]?.stringValue == "response")
        #expect(answer["status"]?.stringValue == "incomplete")
        #expect(answer["usage"]?["output_tokens"]?.integerValue == 4)
        let events = try documents(of: stream(request(body + #","stream":true}"#, .response)))
        #expect(events.map { $0["sequence_number"]?.integerValue } == (0..<12).map { $0 })
        let types = events.compactMap { $0["type"]?.stringValue }
        #expect(types.first == "response.created")
        #expect(types.last == "response.incomplete")
        #expect(events.last?["response"] == answer)
        let text = events.compactMap { $0["delta"]?.stringValue }.joined()
        let item = answer["output"]?.arrayValue?.first
        #expect(item?["content"]?.arrayValue?.first?["text"]?.stringValue == text)
    }

    @Test("Triton's answers have no usage and no end mark")
    func triton() throws {
        let body = #"{"text_input":"hello","max_tokens":4}"#
        let text = " over then weir flow"
        let answer = try whole(request(body, .tritonGenerate, model: "mock"))
        #expect(answer["text_output"]?.stringValue == text)
        #expect(answer["model_name"]?.stringValue == "mock")
        let events = try stream(request(body, .tritonStream, model: "mock"))
        #expect(events.count == 4)
        let pieces = try documents(of: events).compactMap { $0["text_output"]?.stringValue }
        #expect(pieces.joined() == text)
        let infer = #"{"id":"i","inputs":[{"name":"max_tokens","data":[4]}]}"#
        let outputs = try whole(request(infer, .tritonInfer, model: "mock"))
        #expect(outputs["id"]?.stringValue == "i")
        let output = outputs["outputs"]?.arrayValue?.first
        #expect(output?["data"]?.arrayValue?.first?.stringValue == text)
    }
}
