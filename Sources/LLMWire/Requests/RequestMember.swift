/// The members of a request that are read, at its top.
enum RequestMember: Int {
    case model, stream, streamOptions, n, bestOf
    case maxTokens, maxCompletionTokens, maxOutputTokens, parameters
    case messages, prompt, suffix, echo, input, instructions, tools, functions, textInput, inputs

    var name: StaticString {
        switch self {
        case .model: "model"
        case .stream: "stream"
        case .streamOptions: "stream_options"
        case .n: "n"
        case .bestOf: "best_of"
        case .maxTokens: "max_tokens"
        case .maxCompletionTokens: "max_completion_tokens"
        case .maxOutputTokens: "max_output_tokens"
        case .parameters: "parameters"
        case .messages: "messages"
        case .prompt: "prompt"
        case .suffix: "suffix"
        case .echo: "echo"
        case .input: "input"
        case .instructions: "instructions"
        case .tools: "tools"
        case .functions: "functions"
        case .textInput: "text_input"
        case .inputs: "inputs"
        }
    }

    private static let chat: [RequestMember] = [
        .model, .messages, .stream, .streamOptions, .maxTokens, .maxCompletionTokens, .n, .tools,
        .functions,
    ]
    private static let completion: [RequestMember] = [
        .model, .prompt, .stream, .streamOptions, .maxTokens, .maxCompletionTokens, .n, .bestOf,
        .suffix, .echo,
    ]
    private static let embedding: [RequestMember] = [.model, .input]
    private static let response: [RequestMember] = [
        .model, .input, .stream, .maxOutputTokens, .instructions, .tools,
    ]
    private static let generate: [RequestMember] = [.textInput, .parameters, .maxTokens]
    private static let infer: [RequestMember] = [.inputs, .parameters, .maxTokens]

    /// What is read of a request to `endpoint`; everything else passes.
    static func read(by endpoint: Endpoint) -> [RequestMember] {
        switch endpoint {
        case .chatCompletions: chat
        case .completions: completion
        case .embeddings: embedding
        case .responses: response
        case .tritonGenerate, .tritonGenerateStream: generate
        case .tritonInfer: infer
        }
    }
}
