/// What mock backends say they did: `GET /mock/statistics`.
struct BackendBooks: Decodable, Equatable, Sendable {
    var requests: Int64 = 0
    var running: Int64 = 0
    var cancelled: Int64 = 0
    var promptTokens: Int64 = 0
    var completionTokens: Int64 = 0

    enum CodingKeys: String, CodingKey {
        case requests, running, cancelled
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
    }

    /// All tokens.
    var tokens: Int64 { promptTokens + completionTokens }

    /// Adds another backend's.
    mutating func add(_ other: BackendBooks) {
        requests += other.requests
        running += other.running
        cancelled += other.cancelled
        promptTokens += other.promptTokens
        completionTokens += other.completionTokens
    }
}
