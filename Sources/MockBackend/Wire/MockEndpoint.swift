/// What generates an answer, and in which form.
package enum MockEndpoint: Sendable, Equatable, CaseIterable {
    case chat
    case completion
    case embedding
    case response
    case tritonGenerate
    case tritonStream
    case tritonInfer

    /// Whether errors and answers are Triton's.
    package var isTriton: Bool {
        switch self {
        case .tritonGenerate, .tritonStream, .tritonInfer: true
        case .chat, .completion, .embedding, .response: false
        }
    }
}
