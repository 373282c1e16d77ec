/// What a request asks an inference server for.
package enum Endpoint: Sendable, Hashable, CaseIterable {
    // OpenAI's wire.
    case chatCompletions, completions, embeddings, responses
    // Triton's wire; its models are named in the path.
    case tritonGenerate, tritonGenerateStream, tritonInfer

    /// Whether Triton's shapes are spoken here, and not OpenAI's.
    package var isTriton: Bool {
        switch self {
        case .chatCompletions, .completions, .embeddings, .responses: false
        case .tritonGenerate, .tritonGenerateStream, .tritonInfer: true
        }
    }

    /// The path of OpenAI's endpoints; for Triton's, what stands behind `/v2/models/{model}`.
    package var path: String {
        switch self {
        case .chatCompletions: "/v1/chat/completions"
        case .completions: "/v1/completions"
        case .embeddings: "/v1/embeddings"
        case .responses: "/v1/responses"
        case .tritonGenerate: "/generate"
        case .tritonGenerateStream: "/generate_stream"
        case .tritonInfer: "/infer"
        }
    }

    /// Whether a caller asks for usage in a stream by `stream_options.include_usage`.
    var hasStreamOptions: Bool {
        self == .chatCompletions || self == .completions
    }
}
