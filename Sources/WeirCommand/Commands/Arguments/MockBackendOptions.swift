import ArgumentParser
import MockBackend

/// How long the answers of a mock backend are, and what they say about it.
struct MockAnswerOptions: ParsableArguments {
    @Option(help: "How many tokens an answer has, unless the request caps them.")
    var outputTokens = MockSettings().outputTokens

    @Option(help: "By how many percent that is more or less, drawn evenly.")
    var outputTokensSpread = 0

    @Option(help: "The share of the prompt that usage calls cached, in percent.")
    var cachedPercent = 0

    @Option(help: "The share of a chat's tokens that are reasoning, in percent.")
    var reasoningPercent = 0

    @Flag(help: "Give no usage, neither in streams nor in whole answers.")
    var noUsage = false

    @Option(help: "What all that is drawn depends on.")
    var seed = MockSettings().seed

    func apply(to settings: inout MockSettings) {
        settings.outputTokens = outputTokens
        settings.outputTokensSpread = outputTokensSpread
        settings.cachedPercent = cachedPercent
        settings.reasoningPercent = reasoningPercent
        settings.givesUsage = !noUsage
        settings.seed = seed
    }
}

/// How fast a mock backend is.
struct MockPaceOptions: ParsableArguments {
    @Option(name: .customLong("first-token-ms"), help: "How long the first token takes.")
    var firstTokenMilliseconds = 0

    @Option(help: "How fast each answer grows; 0 for as fast as it is read.")
    var tokensPerSecond = 0.0

    @Option(help: "How fast prompts are read before the first token; 0 for at once.")
    var promptTokensPerSecond = 0.0

    @Option(
        name: .customLong("tick-ms"),
        help: "How often paced streams are looked at; what is due by then goes out at once.")
    var tickMilliseconds = MockSettings().tickMilliseconds

    @Option(help: "How many requests are answered at once; further ones get 503 (any number).")
    var maxConcurrent: Int?

    func apply(to settings: inout MockSettings) {
        settings.firstTokenMilliseconds = firstTokenMilliseconds
        settings.tokensPerSecond = tokensPerSecond
        settings.promptTokensPerSecond = promptTokensPerSecond
        settings.tickMilliseconds = tickMilliseconds
        settings.maximumConcurrent = maxConcurrent
    }
}

/// What goes wrong with requests to a mock backend.
struct MockFaultOptions: ParsableArguments {
    @Option(help: "Answered with --fail-status before anything is streamed.")
    var failPercent = 0.0

    @Option(help: "The status of those, 400 to 599.")
    var failStatus = MockSettings().failStatus

    @Option(help: "The connection ends in the middle of the answer.")
    var cutPercent = 0.0

    @Option(help: "Never answered.")
    var stallPercent = 0.0

    @Option(help: "An error comes inside a stream whose status is 200.")
    var errorInStreamPercent = 0.0

    @Option(help: "The answer is not JSON.")
    var garbagePercent = 0.0

    @Option(help: "The usage contradicts what was generated.")
    var wrongUsagePercent = 0.0

    @Option(help: "The connection ends without an answer.")
    var resetPercent = 0.0

    func apply(to settings: inout MockSettings) {
        settings.failStatus = failStatus
        settings.faults.fail = failPercent
        settings.faults.cut = cutPercent
        settings.faults.stall = stallPercent
        settings.faults.errorInStream = errorInStreamPercent
        settings.faults.garbage = garbagePercent
        settings.faults.wrongUsage = wrongUsagePercent
        settings.faults.reset = resetPercent
    }
}
