/// What is bounded, beside the settings.
package enum MockLimits {
    /// The largest body of a request.
    package static let bodyBytes = 16 * 1_048_576
    /// The most choices of one answer, of all its prompts together.
    package static let choices = 2_048
    /// The most choices for each prompt.
    package static let choicesPerPrompt = 128
    /// The most texts that one request embeds.
    package static let inputs = 2_048
    /// The most numbers of an embedding.
    package static let dimensions = 3_072
    /// How many requests are remembered by their ids.
    package static let records = 200_000
    /// The longest id of a request that is remembered.
    package static let requestIDBytes = 256
    /// What of further requests waits on a connection while one is answered, in bytes.
    package static let waitingBytes = 1_048_576
    /// The longest wait that a pace makes, in seconds: a day.
    package static let waitSeconds = 86_400.0
    /// What is written ahead of the network, in bytes.
    package static let writeAheadBytes = 131_072
}
