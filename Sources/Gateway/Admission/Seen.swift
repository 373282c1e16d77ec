import LLMWire

/// What was seen of an answer.
struct Seen: Hashable, Sendable {
    /// What the backend says of its use.
    var usage: Usage?
    /// Output tokens that were counted on the wire.
    var countedOutput: Int64 = 0
    /// Whether a backend has the request, so that it has read the prompt.
    var wasSent = false
}

/// What is booked for a request.
struct Booking: Hashable, Sendable {
    /// The tokens.
    var tokens = TokenCounts(input: 0, cachedInput: 0, output: 0, reasoning: 0)
    /// Whether the tokens are estimated or counted on the wire, not told by the backend.
    var isEstimated = false
    /// Whether the backend's usage contradicts what it sent.
    var isContradictory = false

    /// What is booked for an answer.
    ///
    /// The backend's own figures hold, unless what it sent speaks against them: then nobody's word
    /// is taken for less than what was relayed, nor for more than was asked for.
    ///
    /// - Parameters:
    ///   - seen: what was seen of the answer.
    ///   - outcome: how it ended.
    ///   - estimatedInput: the prompt's tokens, before anybody had counted them.
    ///   - maximumOutput: the most output tokens that were asked for; nil where nothing was said.
    init(
        _ seen: Seen,
        _ outcome: ExchangeState.Outcome,
        estimatedInput: Int64,
        maximumOutput: Int64?
    ) {
        let counted = min(seen.countedOutput, maximumOutput ?? .max)
        if let usage = seen.usage {
            tokens = TokenCounts(
                input: usage.input, cachedInput: usage.cachedInput, output: usage.output,
                reasoning: usage.reasoning)
            // A token may come as two pieces of text, hardly ever as more.
            let isTooLittle = usage.output < (seen.countedOutput + 1) / 2
            // Backends count their last tokens differently, for example half a character.
            let isTooMuch = maximumOutput.map { usage.output - $0 > max(16, $0 / 8) } ?? false
            guard isTooLittle || isTooMuch else { return }
            isContradictory = true
            isEstimated = true
            tokens.output = counted
            tokens.reasoning = 0
            return
        }
        // Nothing of a failed attempt has come: there is nothing to pay for.
        let isPaid =
            switch outcome {
            case .completed, .cancelled, .exhausted: seen.wasSent
            case .failed, .timedOut, .garbage: seen.countedOutput > 0
            }
        guard isPaid else { return }
        isEstimated = true
        tokens.input = estimatedInput
        tokens.output = counted
    }

    /// Whether the request counts as one.
    var isRequest: Bool { tokens.input > 0 || tokens.output > 0 }
}
