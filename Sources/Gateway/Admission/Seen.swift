import LLMWire

/// What was seen of an answer.
struct Seen: Hashable, Sendable {
    /// What the backend says of its use.
    var usage: Usage?
    /// Output tokens that were counted on the wire.
    var countedOutput: Int64 = 0
    /// The fewest output tokens that what came can be.
    var leastOutput: Int64 = 0
    /// Whether a backend has the request, so that it has read the prompt.
    var wasSent = false
}

/// What is booked for a request.
struct Booking: Hashable, Sendable {
    /// The tokens.
    var tokens = TokenCounts(input: 0, cachedInput: 0, output: 0, reasoning: 0)
    /// Whether the tokens are estimated or counted on the wire, not told by the backend.
    var isEstimated = false
    /// Whether the request counts as one.
    var isRequest = false
    /// Whether the backend's usage contradicts what it sent.
    var isContradictory = false

    /// What is booked for an answer.
    ///
    /// The backend's own figures hold, unless what it sent speaks against them: then nobody's word
    /// is taken for less than what was relayed, nor, without what was relayed, for more than was
    /// asked for.
    ///
    /// - Parameters:
    ///   - seen: what was seen of the answer.
    ///   - outcome: how it ended.
    ///   - estimatedInput: the prompt's tokens, before anybody had counted them.
    ///   - leastInput: the fewest tokens that the prompt can be.
    ///   - maximumOutput: the most output tokens that were asked for; nil where nothing was said.
    init(
        _ seen: Seen,
        _ outcome: ExchangeState.Outcome,
        estimatedInput: Int64,
        leastInput: Int64,
        maximumOutput: Int64?
    ) {
        let cap = maximumOutput ?? .max
        // A whole answer that can't have so few tokens had not heard of the cap.
        let isCapped = outcome != .completed || seen.leastOutput / 2 - 16 <= cap
        let counted = isCapped ? min(seen.countedOutput, cap) : seen.countedOutput
        // Nothing of a failed attempt has come: there is nothing to pay for.
        let isPaid =
            switch outcome {
            case .completed, .cancelled, .exhausted: seen.wasSent
            case .failed, .timedOut, .garbage, .overrun: seen.countedOutput > 0
            }
        isRequest = isPaid
        if let usage = seen.usage {
            tokens = TokenCounts(
                input: usage.input, cachedInput: usage.cachedInput, output: usage.output,
                reasoning: usage.reasoning)
            if usage.input > 0 || usage.output > 0 { isRequest = true }
            if isPaid, usage.input < (leastInput + 1) / 2 {
                isContradictory = true
                isEstimated = true
                (tokens.input, tokens.cachedInput) = (max(usage.input, estimatedInput), 0)
            }
            // A token may come as two pieces of text, hardly ever as more.
            let isTooLittle = usage.output < (seen.leastOutput + 1) / 2
            // Backends count their last tokens differently, for example half a character.
            let tolerance = max(16, cap / 8)
            let isTooMuch = usage.output - cap > tolerance
            guard isTooLittle || isTooMuch else { return }
            isContradictory = true
            isEstimated = true
            // Where both speak for more, the cap was not heard of.
            let isMore = isTooMuch && seen.countedOutput - cap > tolerance
            tokens.output =
                isMore && outcome == .completed ? min(usage.output, seen.countedOutput) : counted
            tokens.reasoning = 0
            return
        }
        guard isPaid else { return }
        isEstimated = true
        tokens.input = estimatedInput
        tokens.output = counted
    }
}
