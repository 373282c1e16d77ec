import QuotaModel

/// One request of a trace.
struct TraceRow: Equatable, Sendable {
    /// When it arrived, in the trace's own time.
    var timestamp: Timestamp
    /// Tokens of the prompt.
    var promptTokens: Int64
    /// Tokens of the completion.
    var generatedTokens: Int64

    /// The largest count of tokens that is believed: two of them still add up to a legal amount.
    static let maximumTokens: Int64 = (1 << 52) - 1
}
