package import QuotaModel

/// What became of a request of the gateway, as it is kept to be told later.
///
/// Values alone: what they look like in JSON is decided when somebody asks.
package struct ExplainedRequest: Sendable {
    /// The id by which the caller, the backends and the record call it.
    package let id: String
    /// Which endpoint was called.
    package let endpoint: String
    /// The model, as the caller named it.
    package let model: ModelName
    /// The currency of its prices; nil for a free model.
    package let currency: String?
    /// The version of the prices.
    package let prices: String
    /// Each time that units were asked for, in order.
    package private(set) var attempts: [Attempt]

    /// Creates the story of a request that has made its first attempt.
    package init(
        id: String,
        endpoint: String,
        model: ModelName,
        currency: String?,
        prices: String,
        first: Attempt
    ) {
        self.id = id
        self.endpoint = endpoint
        self.model = model
        self.currency = currency
        self.prices = prices
        attempts = [first]
    }

    /// One hold, and what came of the backend that was asked under it.
    package struct Attempt: Sendable {
        /// The decision that it began with.
        package let decision: Decision
        /// How long after the request's beginning that was, in nanoseconds.
        package let begunAfter: Int64
        /// The tokens of prompt and answer, before anybody knew.
        package let estimate: (input: Int64, output: Int64)
        /// What was held; nothing where the decision refused.
        package let held: [Charge]
        /// How it ended; nil while it is under way, or when it held nothing.
        package fileprivate(set) var end: End?

        /// Creates an attempt that has not ended.
        package init(
            decision: Decision,
            begunAfter: Int64,
            estimate: (input: Int64, output: Int64),
            held: [Charge]
        ) {
            self.decision = decision
            self.begunAfter = begunAfter
            self.estimate = estimate
            self.held = held
        }
    }

    /// How an attempt ended.
    package struct End: Sendable {
        /// How it came out, as the record calls it.
        package var outcome: String
        /// The backend; nil where none was asked.
        package var backend: String?
        /// What went wrong, as a short name.
        package var failure: String?
        /// What went wrong, in words for those who run the server.
        package var detail: String?
        /// Whether everything went back.
        package var isVoided: Bool
        /// Whether the backend's figures contradict what it sent.
        package var isContradictory: Bool
        /// The tokens that were booked.
        package var tokens: Tokens
        /// Tokens that were held besides, while the answer came.
        package var extendedTokens: Int64
        /// What was booked; nothing where everything went back.
        package var booked: [Charge]
        /// What it costs, in 10⁻⁹ of the currency.
        package var cost: Int64
        /// How long after the request's beginning the backend's answer began, in nanoseconds.
        package var firstByteAfter: Int64?
        /// How long after the request's beginning it ended, in nanoseconds.
        package var endedAfter: Int64

        /// Creates an end.
        package init(
            outcome: String,
            backend: String?,
            failure: String?,
            detail: String?,
            isVoided: Bool,
            isContradictory: Bool,
            tokens: Tokens,
            extendedTokens: Int64,
            booked: [Charge],
            cost: Int64,
            firstByteAfter: Int64?,
            endedAfter: Int64
        ) {
            self.outcome = outcome
            self.backend = backend
            self.failure = failure
            self.detail = detail
            self.isVoided = isVoided
            self.isContradictory = isContradictory
            self.tokens = tokens
            self.extendedTokens = extendedTokens
            self.booked = booked
            self.cost = cost
            self.firstByteAfter = firstByteAfter
            self.endedAfter = endedAfter
        }
    }

    /// The tokens of an attempt.
    package struct Tokens: Hashable, Sendable {
        /// All tokens of the prompt.
        package var input: Int64
        /// Those of them that came from a cache.
        package var cachedInput: Int64
        /// All tokens that were generated.
        package var output: Int64
        /// Those of them that were reasoning.
        package var reasoning: Int64
        /// Whether they are estimated or counted on the wire, not told by the backend.
        package var isEstimated: Bool

        /// Creates counts.
        package init(
            input: Int64,
            cachedInput: Int64,
            output: Int64,
            reasoning: Int64,
            isEstimated: Bool
        ) {
            self.input = input
            self.cachedInput = cachedInput
            self.output = output
            self.reasoning = reasoning
            self.isEstimated = isEstimated
        }
    }

    /// Units were asked for again.
    mutating func add(_ attempt: Attempt) { attempts.append(attempt) }

    /// The attempt under a decision has ended; one that has not begun, or ended before, stays.
    mutating func end(_ decision: String, _ end: End) {
        // Usually there is one.
        for index in attempts.indices.reversed() where attempts[index].decision.id == decision {
            if attempts[index].end == nil { attempts[index].end = end }
            return
        }
    }

    /// How it came out: that of the last attempt, `refused` where a limit stood in its way, and
    /// `under_way` while nobody knows.
    package var outcome: String {
        guard let last = attempts.last else { return "under_way" }
        if !last.decision.isAllowed { return "refused" }
        return last.end?.outcome ?? "under_way"
    }

    /// What all attempts cost together, in 10⁻⁹ of the currency.
    package var cost: Int64 {
        attempts.reduce(0) { sum, attempt in
            let (all, overflow) = sum.addingReportingOverflow(attempt.end?.cost ?? 0)
            return overflow ? .max : all
        }
    }
}
