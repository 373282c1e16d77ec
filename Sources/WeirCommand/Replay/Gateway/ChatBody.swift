/// A row of a trace as a chat completion: a prompt of as many tokens, and as many at most for the
/// answer.
struct ChatBody: Encodable {
    struct Message: Encodable {
        var role = "user"
        var content: String
    }

    /// What stands for one token of a prompt: four bytes, as `weir mock-backend` counts them.
    static let tokenText = "weir"
    /// The longest prompt that is made, so that any trace fits into a request; in tokens.
    static let maximumPromptTokens: Int64 = 1_000_000

    var model: String
    var messages: [Message]
    var maximumTokens: Int64

    enum CodingKeys: String, CodingKey {
        case model
        case messages
        case maximumTokens = "max_tokens"
    }

    init(_ row: TraceRow, model: String) {
        self.model = model
        let tokens = Int(max(1, min(row.promptTokens, Self.maximumPromptTokens)))
        messages = [Message(content: String(repeating: Self.tokenText, count: tokens))]
        // A request for no token at all is none.
        maximumTokens = max(1, row.generatedTokens)
    }
}
