/// What was asked and what was generated.
package struct MockStatistics: Sendable, Equatable {
    /// How a request ended.
    package enum Outcome: String, Sendable {
        /// The answer was written to its end.
        case completed
        /// The client went away before.
        case cancelled
        /// It was refused, or went wrong as it was told to.
        case failed
    }

    /// What became of the requests of one id.
    package struct Record: Sendable, Equatable {
        /// How many there were.
        package var attempts = 0
        /// The tokens of their prompts, of those that were not refused.
        package var promptTokens = 0
        /// What was generated for them.
        package var completionTokens = 0
        /// How the last of them ended.
        package var outcome = Outcome.failed
    }

    /// How many requests came to what generates: those that ended, and ``running``.
    package internal(set) var requests = 0
    /// How many are being answered.
    package internal(set) var running = 0
    /// How many were answered to the end.
    package internal(set) var completed = 0
    /// How many were given up by the client.
    package internal(set) var cancelled = 0
    /// How many were refused or went wrong.
    package internal(set) var failed = 0
    /// The tokens of prompts, of requests that were not refused.
    package internal(set) var promptTokens = 0
    /// The tokens that were generated, also for answers that are not complete.
    package internal(set) var completionTokens = 0
    /// The requests that have ended by their `x-request-id`, the last ones.
    package private(set) var records: [String: Record] = [:]
    /// The ids in the order of their coming, as a ring.
    private var ids: [String] = []
    private var oldest = 0
    private let capacity: Int

    /// Nothing yet.
    ///
    /// - Parameter capacity: how many ids are remembered.
    package init(capacity: Int = MockLimits.records) {
        self.capacity = max(1, capacity)
    }

    /// A request has come; returns how many came before it, and how many are being answered.
    package mutating func begin() -> (number: UInt64, running: Int) {
        let figures = (UInt64(requests), running)
        requests += 1
        running += 1
        return figures
    }

    /// A request has ended.
    ///
    /// - Parameters:
    ///   - id: its `x-request-id`, if it had one.
    ///   - outcome: how it ended.
    ///   - promptTokens: the size of its prompt, 0 if it was refused.
    ///   - completionTokens: what was generated for it. The totals have both already.
    package mutating func end(
        id: String?,
        outcome: Outcome,
        promptTokens: Int,
        completionTokens: Int
    ) {
        running -= 1
        switch outcome {
        case .completed: completed += 1
        case .cancelled: cancelled += 1
        case .failed: failed += 1
        }
        guard let id, id.utf8.count <= MockLimits.requestIDBytes else { return }
        var record = records[id] ?? Record()
        if record.attempts == 0 { remember(id) }
        record.attempts += 1
        record.promptTokens += promptTokens
        record.completionTokens += completionTokens
        record.outcome = outcome
        records[id] = record
    }

    private mutating func remember(_ id: String) {
        guard ids.count >= capacity else { return ids.append(id) }
        records[ids[oldest]] = nil
        ids[oldest] = id
        oldest = (oldest + 1) % capacity
    }
}
