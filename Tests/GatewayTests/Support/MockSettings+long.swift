import MockBackend

extension MockSettings {
    /// A mock whose streams are long, a few tokens at a time.
    static func long(_ tokens: Int = 5_000, reasoningPercent: Int = 0) -> MockSettings {
        var long = MockSettings()
        long.outputTokens = tokens
        long.tokensPerSecond = 20_000
        long.tickMilliseconds = 1
        long.reasoningPercent = reasoningPercent
        return long
    }
}
