/// What a backend says an answer took, in tokens.
package struct Usage: Sendable, Hashable {
    /// The largest count that is believed.
    package static let maximumTokens: Int64 = 1 << 53 - 1

    /// Tokens of the prompt.
    package let input: Int64
    /// Those of `input` that came from a cache.
    package let cachedInput: Int64
    /// Tokens that were generated.
    package let output: Int64
    /// Those of `output` that were reasoning.
    package let reasoning: Int64

    /// Creates a usage, or nil when a count is negative or absurd.
    ///
    /// A part that is larger than its whole becomes the whole.
    package init?(input: Int64, cachedInput: Int64 = 0, output: Int64, reasoning: Int64 = 0) {
        let counts = [input, cachedInput, output, reasoning]
        guard counts.allSatisfy({ 0...Self.maximumTokens ~= $0 }) else { return nil }
        self.input = input
        self.cachedInput = min(cachedInput, input)
        self.output = output
        self.reasoning = min(reasoning, output)
    }
}
