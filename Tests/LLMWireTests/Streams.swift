import LLMWire
import NIOCore
import QuotaTesting
import StrictJSON

/// A stream's pieces run through a scanner, and everything that came of it.
func relay(
    _ pieces: [ArraySlice<UInt8>],
    _ endpoint: Endpoint,
    stripsUsage: Bool = true
) -> StreamOracle {
    var scanner = StreamScanner(endpoint: endpoint, stripsUsage: stripsUsage)
    var result = StreamOracle()
    for piece in pieces {
        result.output += Array(scanner.receive(ByteBuffer(bytes: piece)).readableBytesView)
    }
    result.output += Array(scanner.finish().readableBytesView)
    result.tokens = scanner.tokens
    result.usage = scanner.usage
    result.isDone = scanner.isDone
    result.hasFinish = scanner.hasFinish
    result.isTorn = scanner.isTorn
    result.failure = scanner.failure
    return result
}

func relay(
    _ text: String,
    _ endpoint: Endpoint = .chatCompletions,
    stripsUsage: Bool = true
) -> StreamOracle {
    relay([Array(text.utf8)[...]], endpoint, stripsUsage: stripsUsage)
}

/// A chunk of a chat with this delta.
func chunk(_ delta: String, finish: String = "null", more: String = "") -> String {
    #"data: {"id":"c-1","object":"chat.completion.chunk","created":17,"model":"small","choices":"#
        + #"[{"index":0,"delta":{"# + delta + #"},"logprobs":null,"finish_reason":"# + finish
        + "}]" + more + "}\n\n"
}

let usageChunk =
    #"data: {"id":"c-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"#
    + #""prompt_tokens_details":{"cached_tokens":2},"#
    + #""completion_tokens_details":{"reasoning_tokens":1}}}"# + "\n\n"

/// Makes streams of every kind.
enum RandomStream {
    static func bytes(_ endpoint: Endpoint, using random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = Int.random(in: 0..<10, using: &random) == 0 ? [0xEF, 0xBB, 0xBF] : []
        let lineEnd = ["\n", "\n", "\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n"
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            bytes += Array(burst(endpoint, lineEnd, using: &random).utf8)
        }
        if Bool.random(using: &random) { bytes += Array("data: [DONE]\(lineEnd)\(lineEnd)".utf8) }
        return bytes
    }

    /// A few events that differ in their text alone, or one of another kind.
    private static func burst(
        _ endpoint: Endpoint,
        _ lineEnd: String,
        using random: inout SeededRandom
    ) -> String {
        var text = ""
        switch Int.random(in: 0..<8, using: &random) {
        case 0: text = ": ping\(lineEnd)\(lineEnd)"
        case 1: text = "id: 7\(lineEnd)event: x\(lineEnd)retry:3\(lineEnd)data\(lineEnd)\(lineEnd)"
        case 2: text = lineEnd
        case 3...5:
            var before = event(endpoint, using: &random)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let content = JSONValue.string(Writing.text(20, using: &random))
                before = before.replacingStrings(with: content)
                text += frame(before.description, lineEnd, isPlain: true, using: &random)
            }
        default:
            let document = Writing.document(event(endpoint, using: &random), using: &random)
            text = frame(document, lineEnd, isPlain: false, using: &random)
        }
        return text
    }

    private static func frame(
        _ document: String,
        _ lineEnd: String,
        isPlain: Bool,
        using random: inout SeededRandom
    ) -> String {
        let blank = isPlain || Bool.random(using: &random) ? " " : ""
        let lines = document.split(omittingEmptySubsequences: false) { $0.isNewline }
        var text = isPlain ? "" : [": c", "event: message", ""].randomElement(using: &random) ?? ""
        if !text.isEmpty { text += lineEnd }
        for line in lines { text += "data:" + blank + line + lineEnd }
        return text + lineEnd
    }

    private static func event(
        _ endpoint: Endpoint,
        using random: inout SeededRandom
    ) -> JSONValue {
        var object = JSONObject()
        func maybe(_ name: String, _ value: JSONValue, in object: inout JSONObject) {
            if Int.random(in: 0..<3, using: &random) == 0 { object[name] = value }
        }
        object["id"] = .string("c-1")
        let text = JSONValue.string(Writing.text(40, using: &random))
        let other = Writing.value(using: &random)
        switch endpoint {
        case .chatCompletions, .completions, .embeddings:
            object["choices"] = .array(choices(using: &random))
            maybe("usage", usage(endpoint, using: &random), in: &object)
            maybe("object", .string("chunk"), in: &object)
        case .responses:
            let types = [
                "response.output_text.delta", "response.completed", "response.failed", "error",
                "response.created", "response.incomplete", "response.reasoning_text.delta", "delta",
            ]
            object["type"] = .string(types.randomElement(using: &random) ?? "")
            object["delta"] = text
            var response = JSONObject()
            response["usage"] = usage(endpoint, using: &random)
            maybe("error", .null, in: &response)
            maybe("output", .array([text]), in: &response)
            maybe("response", .object(response), in: &object)
        case .tritonGenerate, .tritonGenerateStream, .tritonInfer:
            object["text_output"] = text
        }
        maybe("other", other, in: &object)
        if Int.random(in: 0..<25, using: &random) == 0 {
            var error = JSONObject()
            error["message"] = text
            object["error"] = [.object(error), text, .null, other].randomElement(using: &random)
        }
        return .object(object)
    }

    private static func choices(using random: inout SeededRandom) -> [JSONValue] {
        let count = [0, 1, 1, 1, 2].randomElement(using: &random) ?? 1
        return (0..<count)
            .map { _ in
                var (choice, delta) = (JSONObject(), JSONObject())
                let names = [
                    "content", "content", "refusal", "reasoning", "reasoning_content", "role",
                ]
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    let name = names.randomElement(using: &random) ?? "content"
                    delta[name] = .string(Writing.text(40, using: &random))
                }
                if Int.random(in: 0..<6, using: &random) == 0 {
                    var (call, function) = (JSONObject(), JSONObject())
                    function["name"] = .string("f")
                    function["arguments"] = .string(Writing.text(20, using: &random))
                    call["function"] = .object(function)
                    delta["tool_calls"] = .array([.object(call), .null])
                }
                if Int.random(in: 0..<8, using: &random) == 0 {
                    delta["content"] = Writing.value(using: &random)
                }
                choice["index"] = .number(JSONNumber(0))
                if Bool.random(using: &random) { choice["delta"] = .object(delta) }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    choice["text"] = .string(Writing.text(40, using: &random))
                }
                let reasons: [JSONValue?] = [nil, .null, .null, .null, .string("stop")]
                choice["finish_reason"] = reasons.randomElement(using: &random) ?? nil
                return .object(choice)
            }
    }

    static func usage(_ endpoint: Endpoint, using random: inout SeededRandom) -> JSONValue {
        if Int.random(in: 0..<3, using: &random) == 0 { return .null }
        var (object, cached, reasoning) = (JSONObject(), JSONObject(), JSONObject())
        func count() -> JSONValue {
            if Int.random(in: 0..<20, using: &random) == 0 { return Writing.value(using: &random) }
            let counts: [Int64] = [0, 1, 7, 1000, 1 << 53 - 1, 1 << 53, -1]
            let isUsual = Int.random(in: 0..<10, using: &random) > 0
            return .number(
                JSONNumber(counts[Int.random(in: 0..<(isUsual ? 5 : 7), using: &random)]))
        }
        let isResponse = endpoint == .responses
        let (input, output) =
            isResponse ? ("input_tokens", "output_tokens") : ("prompt_tokens", "completion_tokens")
        object[input] = count()
        if Int.random(in: 0..<10, using: &random) > 0 { object[output] = count() }
        cached["cached_tokens"] = count()
        reasoning["reasoning_tokens"] = count()
        if Bool.random(using: &random) { object[input + "_details"] = .object(cached) }
        if Bool.random(using: &random) { object[output + "_details"] = .object(reasoning) }
        return .object(object)
    }
}

extension JSONValue {
    /// The same value with another text wherever there is one.
    fileprivate func replacingStrings(with text: JSONValue) -> JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map { $0.replacingStrings(with: text) })
        case .object(var object):
            for member in object.members {
                let isText = ["content", "text", "text_output"].contains(member.name)
                let isPlain = member.value.stringValue != nil
                object[member.name] =
                    isText && isPlain ? text : member.value.replacingStrings(with: text)
            }
            return .object(object)
        case .null, .bool, .number, .string: return self
        }
    }
}
