import LLMWire
import StrictJSON

/// Reads a request's tree, the naive way.
struct RequestOracle {
    let tree: JSONValue
    let endpoint: Endpoint

    init(_ tree: JSONValue, _ endpoint: Endpoint) {
        self.tree = tree
        self.endpoint = endpoint
    }

    var model: String? { endpoint.isTriton ? nil : tree["model"]?.stringValue }

    var isStream: Bool {
        switch endpoint {
        case .chatCompletions, .completions, .responses: tree["stream"]?.boolValue ?? false
        case .embeddings, .tritonGenerate, .tritonInfer: false
        case .tritonGenerateStream: true
        }
    }

    private var hasOptions: Bool { endpoint == .chatCompletions || endpoint == .completions }

    var wantsUsage: Bool {
        hasOptions && tree["stream_options"]?["include_usage"]?.boolValue == true
    }

    var maximum: Int64? {
        let top = tree["max_tokens"]?.integerValue
        switch endpoint {
        case .chatCompletions, .completions:
            return [tree["max_completion_tokens"]?.integerValue, top].compactMap { $0 }.max()
        case .responses: return tree["max_output_tokens"]?.integerValue
        case .embeddings: return nil
        case .tritonGenerate, .tritonGenerateStream, .tritonInfer:
            let inner = tree["parameters"]?["max_tokens"]?.integerValue
            return [top, inner, tensorMaximum].compactMap { $0 }.max()
        }
    }

    private var tensorMaximum: Int64? {
        guard endpoint == .tritonInfer else { return nil }
        return tree["inputs"]?.arrayValue?
            .filter { ["max_tokens", "request_output_len"].contains($0["name"]?.stringValue) }
            .compactMap { $0["data"] }.map(Self.sum).max()
    }

    private static func sum(_ value: JSONValue) -> Int64 {
        value.integerValue ?? (value.arrayValue ?? []).reduce(0) { $0 + sum($1) }
    }

    var choices: Int64 {
        let n = hasOptions ? tree["n"]?.integerValue ?? 1 : 1
        return prompts * max(n, endpoint == .completions ? tree["best_of"]?.integerValue ?? 1 : 1)
    }

    private var prompts: Int64 {
        let name =
            switch endpoint {
            case .completions: "prompt"
            case .tritonGenerate, .tritonGenerateStream: "text_input"
            case .chatCompletions, .responses, .embeddings, .tritonInfer: ""
            }
        guard let elements = tree[name]?.arrayValue else { return 1 }
        let tokens = elements.filter { $0.numberValue != nil }
        return max(1, Int64(elements.count - tokens.count + min(1, tokens.count)))
    }

    var promptBytes: Int {
        func sum(_ names: String...) -> Int {
            names.reduce(0) { $0 + (tree[$1].map { Self.bytes($0) } ?? 0) }
        }
        func tools(_ names: String...) -> Int {
            names.reduce(0) { $0 + (tree[$1].map { Self.bytes($0, withNames: true) } ?? 0) }
        }
        switch endpoint {
        case .chatCompletions: return sum("messages") + tools("tools", "functions")
        case .completions: return sum("prompt", "suffix")
        case .embeddings: return sum("input")
        case .responses: return sum("input", "instructions") + tools("tools")
        case .tritonGenerate, .tritonGenerateStream: return sum("text_input")
        case .tritonInfer:
            let tensors = tree["inputs"]?.arrayValue ?? []
            return tensors.reduce(0) { $0 + ($1["data"].map { Self.bytes($0) } ?? 0) }
        }
    }

    private static func bytes(_ value: JSONValue, withNames: Bool = false) -> Int {
        switch value {
        case .string(let text): return text.utf8.count
        case .array(let elements):
            return elements.reduce(0) {
                $0 + ($1.numberValue == nil ? bytes($1, withNames: withNames) : 4)
            }
        case .object(let object):
            return object.members.reduce(0) {
                $0 + (withNames ? $1.name.utf8.count : 0) + bytes($1.value, withNames: withNames)
            }
        case .null, .bool, .number: return 0
        }
    }

    /// The tree that the backend should get.
    func upstream(model name: String?, asksForUsage: Bool) -> JSONValue {
        guard var object = tree.objectValue else { return tree }
        if let name, !endpoint.isTriton { object["model"] = .string(name) }
        if asksForUsage, isStream, hasOptions {
            var options = object["stream_options"]?.objectValue ?? JSONObject()
            options["include_usage"] = .bool(true)
            object["stream_options"] = .object(options)
        }
        return .object(object)
    }

    /// Whether the member that `param` names may be as it is.
    static func isGood(_ param: String, in tree: JSONValue) -> Bool {
        let names = param.split(separator: ".").map(String.init)
        var value: JSONValue? = tree
        for name in names { value = value?[name] }
        guard let value, !value.isNull else { return true }
        switch names.last {
        case "model": return value.stringValue != nil
        case "stream", "include_usage": return value.boolValue != nil
        case "stream_options", "parameters": return value.objectValue != nil
        case "inputs": return false
        case "n", "best_of": return value.integerValue.map { 1...128 ~= $0 } ?? false
        default: return value.integerValue.map { 1...(1 << 53 - 1) ~= $0 } ?? false
        }
    }
}
