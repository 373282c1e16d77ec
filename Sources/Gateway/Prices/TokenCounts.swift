/// How many tokens a request used, by what they cost.
package struct TokenCounts: Hashable, Sendable {
    /// All tokens of the prompt, the cached ones among them.
    package var input: Int64
    /// Those tokens of the prompt that the backend had in its cache.
    package var cachedInput: Int64
    /// All tokens that were generated, those of reasoning among them.
    package var output: Int64
    /// Those generated tokens that were reasoning.
    package var reasoning: Int64

    /// Creates counts.
    package init(input: Int64, cachedInput: Int64 = 0, output: Int64, reasoning: Int64 = 0) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
        self.reasoning = reasoning
    }
}
