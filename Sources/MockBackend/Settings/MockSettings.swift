/// What a mock backend serves, how fast, and what goes wrong.
package struct MockSettings: Sendable, Equatable {
    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 stands for any free one.
    package var port = 0
    /// The models it serves.
    package var models = ["mock"]
    /// What `Authorization: Bearer` must give; nil lets everybody in.
    package var apiKey: String?

    /// How many tokens an answer has, unless the request caps them.
    package var outputTokens = 64
    /// By how many percent the length of an answer is more or less than that, evenly spread.
    package var outputTokensSpread = 0
    /// The share of the prompt that usage calls cached, in percent.
    package var cachedPercent = 0
    /// The share of a chat's tokens that are reasoning, in percent.
    package var reasoningPercent = 0
    /// Whether answers have usage.
    package var givesUsage = true

    /// How long the first token takes at least, in milliseconds.
    package var firstTokenMilliseconds = 0
    /// How fast each choice of each answer grows; 0 for as fast as it is read.
    package var tokensPerSecond = 0.0
    /// How fast prompts are read before the first token; 0 for at once.
    package var promptTokensPerSecond = 0.0
    /// How often paced streams are looked at, in milliseconds: what is due by then goes out at
    /// once.
    package var tickMilliseconds = 10
    /// How many requests it works on beside each other, nil for any number; further ones get 503.
    package var maximumConcurrent: Int?

    /// How many requests go wrong.
    package var faults = MockFaultRates()
    /// The status of those that fail before anything is streamed.
    package var failStatus = 500
    /// What all that is drawn depends on.
    package var seed: UInt64 = 1

    /// One model, 64 tokens at once, no faults.
    package init() {}

    /// The longest delay of a setting, in milliseconds: an hour.
    package static let maximumMilliseconds = 3_600_000
    /// The fastest pace; 0 is faster.
    package static let maximumRate = 1_000_000_000.0
    /// The most tokens of one answer, of all its choices together.
    package static let maximumTokens = 4_000_000
    /// The most models.
    package static let maximumModels = 1_000

    /// What is wrong with the settings, in a sentence; nil when nothing is.
    package var problem: String? {
        let numbers: [(name: String, value: Int, range: ClosedRange<Int>)] = [
            ("port", port, 0...65_535),
            ("output-tokens", outputTokens, 1...Self.maximumTokens),
            ("output-tokens-spread", outputTokensSpread, 0...100),
            ("cached-percent", cachedPercent, 0...100),
            ("reasoning-percent", reasoningPercent, 0...100),
            ("first-token-ms", firstTokenMilliseconds, 0...Self.maximumMilliseconds),
            ("tick-ms", tickMilliseconds, 1...1_000),
            ("max-concurrent", maximumConcurrent ?? 0, 0...Int(Int32.max)),
            ("fail-status", failStatus, 400...599),
        ]
        for (name, value, range) in numbers where !range.contains(value) {
            return "\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value)"
        }
        let rates = [
            ("tokens-per-second", tokensPerSecond),
            ("prompt-tokens-per-second", promptTokensPerSecond),
        ]
        for (name, rate) in rates where !(0...Self.maximumRate).contains(rate) {
            return "\(name) must be from 0 to \(Int(Self.maximumRate)), not \(rate)"
        }
        for (name, percent) in faults.named where !(0...100).contains(percent) {
            return "\(name) must be from 0 to 100, not \(percent)"
        }
        if faults.named.reduce(0, { $0 + $1.percent }) > 100.000_001 {
            return "the faults exclude each other: their percentages are more than 100 together"
        }
        if models.isEmpty || models.count > Self.maximumModels || models.contains("") {
            return "there must be 1 to \(Self.maximumModels) models, each with a name"
        }
        return nil
    }
}
