package import NIOCore
import StrictJSON

/// Writes the events of a stream, one for each token.
package struct MockEvents {
    private let plan: MockPlan
    private let identity: MockIdentity
    /// What stands before the word in the event of each choice.
    private let beginnings: [[UInt8]]
    /// The same for reasoning.
    private let reasoningBeginnings: [[UInt8]]
    /// What stands after it.
    private let ending: [UInt8]
    /// How many tokens have been written, of all choices together: they take turns.
    package private(set) var tokens = 0
    /// The number of the next event, which those of `/v1/responses` have.
    private var sequence: Int64 = 0

    /// The most choices whose events are written in blocks.
    private static let blockChoices = 16
    /// About how many events a block has.
    private static let blockTokens = 256

    /// The events of an answer.
    package init(_ plan: MockPlan, _ identity: MockIdentity) {
        self.plan = plan
        self.identity = identity
        let choices = 0..<plan.request.choices
        switch plan.request.endpoint {
        case .chat:
            let chunk = ChoiceChunk(plan, identity)
            beginnings = choices.map { chunk.beginning($0, #","delta":{"content":""#) }
            reasoningBeginnings =
                plan.reasoning == 0
                ? [] : choices.map { chunk.beginning($0, #","delta":{"reasoning_content":""#) }
            ending = Array("\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n".utf8)
        case .completion:
            let chunk = ChoiceChunk(plan, identity)
            beginnings = choices.map { chunk.beginning($0, #","text":""#) }
            reasoningBeginnings = []
            ending = Array("\",\"logprobs\":null,\"finish_reason\":null}]}\n\n".utf8)
        case .response:
            let id = MockResponseObject(plan, identity).messageID
            let beginning = """
                event: response.output_text.delta\n\
                data: {"type":"response.output_text.delta","item_id":"\(id)","output_index":0,\
                "content_index":0,"logprobs":[],"delta":"
                """
            beginnings = [Array(beginning.utf8)]
            reasoningBeginnings = []
            ending = Array("\",\"sequence_number\":".utf8)
        case .tritonGenerate, .tritonStream, .tritonInfer, .embedding:
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("model_name", plan.request.model)
            writer.member("model_version", "1")
            writer.name("text_output")
            beginnings = [Array("data: ".utf8) + writer.bytes + [UInt8(ascii: "\"")]]
            reasoningBeginnings = []
            ending = Array("\"}\n\n".utf8)
        }
    }

    private var isResponse: Bool { plan.request.endpoint == .response }

    /// About how many bytes so many tokens take, so that room can be made.
    func bytes(of tokens: Int) -> Int {
        tokens * ((beginnings.first?.count ?? 0) + ending.count + MockWords.wordBytes + 16)
    }

    // MARK: Tokens

    /// Writes the events of the next tokens.
    package mutating func writeTokens(_ count: Int, into buffer: inout ByteBuffer) {
        let choices = max(1, plan.request.choices)
        for _ in 0..<max(0, count) {
            let (round, choice) = tokens.quotientAndRemainder(dividingBy: choices)
            let beginnings = round < plan.reasoning ? reasoningBeginnings : beginnings
            guard choice < beginnings.count else { return }
            buffer.writeBytes(beginnings[choice])
            buffer.writeBytes(MockWords.bytes[MockWords.range(of: round)])
            buffer.writeBytes(ending)
            if isResponse {
                buffer.writeString(String(sequence))
                buffer.writeStaticString("}\n\n")
                sequence += 1
            }
            tokens += 1
        }
    }

    /// How many events a block has, whose bytes come again and again; nil where they differ.
    var blockSize: Int? {
        let choices = plan.request.choices
        guard !isResponse, (1...Self.blockChoices).contains(choices) else { return nil }
        let rounds = choices * MockWords.count
        return rounds * max(1, Self.blockTokens / rounds)
    }

    /// Whether the next events can be a block.
    var isAtBlock: Bool {
        let choices = max(1, plan.request.choices)
        return tokens % (choices * MockWords.count) == 0 && tokens / choices >= plan.reasoning
    }

    /// Counts the events of a block that was written once more.
    mutating func skipBlock() { tokens += blockSize ?? 0 }

    // MARK: Before and after them

    /// Writes what comes before the first token.
    package mutating func writeOpening(into buffer: inout ByteBuffer) {
        switch plan.request.endpoint {
        case .chat:
            let chunk = ChoiceChunk(plan, identity)
            for index in 0..<plan.request.choices {
                buffer.writeBytes(
                    chunk.beginning(index, #","delta":{"role":"assistant","content":""#))
                buffer.writeBytes(ending)
            }
        case .response:
            let object = MockResponseObject(plan, identity)
            for type in ["response.created", "response.in_progress"] {
                writeEvent(type, into: &buffer) { writer in
                    writer.object("response") { object.writeMembers(isDone: false, to: &$0) }
                }
            }
            writeItem("response.output_item.added", isDone: false, into: &buffer)
            writePart("response.content_part.added", isDone: false, into: &buffer)
        case .completion, .embedding, .tritonGenerate, .tritonStream, .tritonInfer: break
        }
    }

    /// Writes what comes after the last token.
    package mutating func writeEnding(into buffer: inout ByteBuffer) {
        switch plan.request.endpoint {
        case .chat, .completion:
            let isChat = plan.request.endpoint == .chat
            let chunk = ChoiceChunk(plan, identity)
            for index in 0..<plan.request.choices {
                buffer.writeBytes(
                    chunk.beginning(index, isChat ? #","delta":{}"# : #","text":"""#))
                buffer.writeStaticString(",\"logprobs\":null,\"finish_reason\":\"")
                buffer.writeStaticString(plan.finishReason)
                buffer.writeStaticString("\"}]}\n\n")
            }
            if plan.request.wantsUsage, let usage = plan.usage {
                buffer.writeBytes(chunk.usage(usage))
            }
            buffer.writeStaticString("data: [DONE]\n\n")
        case .response: writeResponseEnding(into: &buffer)
        case .embedding, .tritonGenerate, .tritonStream, .tritonInfer: break
        }
    }

    /// Writes an event that is an error.
    package mutating func writeError(into buffer: inout ByteBuffer) {
        let error = MockRefusal.injected(status: 500)
        if isResponse {
            return writeEvent("error", into: &buffer) { writer in
                writer.member("code", error.code)
                writer.member("message", error.message)
                writer.null("param")
            }
        }
        buffer.writeStaticString("data: ")
        buffer.writeBytes(error.body(isTriton: plan.request.endpoint.isTriton))
        buffer.writeStaticString("\n\n")
    }

    private mutating func writeResponseEnding(into buffer: inout ByteBuffer) {
        let object = MockResponseObject(plan, identity)
        let length = plan.length
        writeEvent("response.output_text.done", into: &buffer) { writer in
            writer.member("item_id", object.messageID)
            writer.member("output_index", 0)
            writer.member("content_index", 0)
            writer.name("text")
            MockWords.write(0..<length, to: &writer)
            writer.array("logprobs") { _ in }
        }
        writePart("response.content_part.done", isDone: true, into: &buffer)
        writeItem("response.output_item.done", isDone: true, into: &buffer)
        let type = plan.isCapped ? "response.incomplete" : "response.completed"
        writeEvent(type, into: &buffer) { writer in
            writer.object("response") { object.writeMembers(isDone: true, to: &$0) }
        }
    }

    private mutating func writeItem(
        _ type: String,
        isDone: Bool,
        into buffer: inout ByteBuffer
    ) {
        let object = MockResponseObject(plan, identity)
        writeEvent(type, into: &buffer) { writer in
            writer.member("output_index", 0)
            writer.name("item")
            object.writeItem(isDone: isDone, to: &writer)
        }
    }

    private mutating func writePart(
        _ type: String,
        isDone: Bool,
        into buffer: inout ByteBuffer
    ) {
        let object = MockResponseObject(plan, identity)
        writeEvent(type, into: &buffer) { writer in
            writer.member("item_id", object.messageID)
            writer.member("output_index", 0)
            writer.member("content_index", 0)
            writer.name("part")
            object.writePart(isDone: isDone, to: &writer)
        }
    }

    /// Writes an event of `/v1/responses`.
    private mutating func writeEvent(
        _ type: String,
        into buffer: inout ByteBuffer,
        _ members: (inout JSONWriter) -> Void
    ) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("type", type)
            members(&writer)
            writer.member("sequence_number", sequence)
        }
        sequence += 1
        buffer.writeString("event: \(type)\ndata: ")
        buffer.writeBytes(writer.bytes)
        buffer.writeStaticString("\n\n")
    }
}
