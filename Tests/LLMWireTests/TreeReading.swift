import LLMWire
import StrictJSON

/// What a tree says as an event of a stream, or as a whole answer.
struct TreeReading {
    var tokens: Int64 = 0
    var hasUsage = false
    var usage: Usage?
    var hasFinish = false
    var isDone = false
    var error: String?

    private let endpoint: Endpoint
    private let isWhole: Bool

    init(_ tree: JSONValue, _ endpoint: Endpoint, isWhole: Bool) {
        self.endpoint = endpoint
        self.isWhole = isWhole
        readError(tree["error"])
        switch endpoint {
        case .chatCompletions, .completions, .embeddings:
            if error == nil, tree["object"]?.stringValue == "error" {
                error = tree["message"]?.stringValue ?? "the backend reported an error"
            }
            for choice in tree["choices"]?.arrayValue ?? [] { readChoice(choice) }
            readUsage(tree["usage"])
        case .responses: readResponse(tree)
        case .tritonGenerate, .tritonGenerateStream, .tritonInfer:
            if let text = tree["text_output"] { count(Self.bytes(text)) }
            for output in tree["outputs"]?.arrayValue ?? [] {
                if let data = output["data"] { count(Self.tensorBytes(data)) }
            }
        }
    }

    private mutating func count(_ bytes: Int) {
        tokens += !isWhole && bytes <= 32 ? min(1, Int64(bytes)) : (Int64(bytes) + 3) / 4
    }

    private mutating func readError(_ value: JSONValue?) {
        guard let value, !value.isNull, value.boolValue != false, error == nil else { return }
        error =
            value.stringValue ?? value["message"]?.stringValue ?? "the backend reported an error"
    }

    private mutating func readChoice(_ choice: JSONValue) {
        guard choice.objectValue != nil else { return }
        var sum = Self.bytes(choice["text"])
        for name in ["delta", "message"] {
            guard let message = choice[name] else { continue }
            sum += Self.bytes(message["content"]) + Self.bytes(message["refusal"])
            sum += max(Self.bytes(message["reasoning"]), Self.bytes(message["reasoning_content"]))
            sum += Self.bytes(message["function_call"]?["arguments"])
            for call in message["tool_calls"]?.arrayValue ?? [] {
                sum += Self.bytes(call["function"]?["arguments"])
            }
        }
        count(sum)
        if let reason = choice["finish_reason"], !reason.isNull { hasFinish = true }
    }

    private mutating func readResponse(_ tree: JSONValue) {
        if isWhole {
            readUsage(tree["usage"])
            if let output = tree["output"] { count(Self.outputBytes(output)) }
            return
        }
        guard let type = tree["type"]?.stringValue else {
            readUsage(tree["usage"])
            return
        }
        if type == "error", error == nil {
            error = tree["message"]?.stringValue ?? "the backend reported an error"
        }
        if type.hasPrefix("response."), type.hasSuffix(".delta") {
            count(Self.bytes(tree["delta"]))
        }
        guard ["completed", "incomplete", "failed"].map({ "response." + $0 }).contains(type) else {
            readUsage(tree["usage"])
            return
        }
        (isDone, hasFinish) = (true, true)
        readUsage(tree["response"]?["usage"])
        readError(tree["response"]?["error"])
    }

    private mutating func readUsage(_ value: JSONValue?) {
        guard let value, !value.isNull else { return }
        hasUsage = true
        let isResponse = endpoint == .responses
        let (input, output) =
            isResponse ? ("input_tokens", "output_tokens") : ("prompt_tokens", "completion_tokens")
        let cached = value[input + "_details"]?["cached_tokens"]
        let reasoning = value[output + "_details"]?["reasoning_tokens"]
        let none = endpoint == .embeddings ? JSONValue.number(JSONNumber(0)) : nil
        var written = value[output]
        if written?.isNull ?? true { written = none }
        func integer(_ value: JSONValue?) -> Int64? {
            guard let value, !value.isNull else { return 0 }
            return value.integerValue.flatMap { 0...(1 << 53 - 1) ~= $0 ? $0 : nil }
        }
        guard let first = value[input]?.integerValue, let last = written?.integerValue,
            let part = integer(cached), let other = integer(reasoning)
        else { return }
        usage = Usage(input: first, cachedInput: part, output: last, reasoning: other)
    }

    private static func bytes(_ value: JSONValue?) -> Int {
        switch value {
        case .string(let text)?: text.utf8.count
        case .array(let elements)?:
            elements.reduce(0) { $0 + ($1.numberValue == nil ? bytes($1) : 4) }
        case .object(let object)?: object.members.reduce(0) { $0 + bytes($1.value) }
        case .null?, .bool?, .number?, nil: 0
        }
    }

    private static func tensorBytes(_ value: JSONValue) -> Int {
        value.stringValue?.utf8.count
            ?? value.arrayValue?.reduce(0) { $0 + tensorBytes($1) } ?? 0
    }

    private static func outputBytes(_ value: JSONValue) -> Int {
        switch value {
        case .array(let elements): return elements.reduce(0) { $0 + outputBytes($1) }
        case .object(let object):
            return object.members.reduce(0) { sum, member in
                let isText = ["text", "arguments", "refusal"].contains(member.name)
                return sum + (isText ? bytes(member.value) : outputBytes(member.value))
            }
        case .null, .bool, .number, .string: return 0
        }
    }
}
