internal import Synchronization

/// The answers of calls that were made together; the last one wakes whoever made them.
final class Batch: Sendable {
    private struct State {
        var results: [Result<RESPValue, RESPError>]
        var missing: Int
        var continuation: CheckedContinuation<[Result<RESPValue, RESPError>], Never>?
    }

    private let state: Mutex<State>

    /// Creates a batch of at least one call.
    init(
        count: Int, continuation: CheckedContinuation<[Result<RESPValue, RESPError>], Never>
    ) {
        let unanswered = Result<RESPValue, RESPError>.failure(.notRunning)
        state = Mutex(
            State(
                results: Array(repeating: unanswered, count: count), missing: count,
                continuation: continuation))
    }

    func finish(_ index: Int, _ result: Result<RESPValue, RESPError>) {
        let last = state.withLock { state in
            state.results[index] = result
            state.missing -= 1
            guard state.missing == 0, let continuation = state.continuation else {
                return nil as (() -> Void)?
            }
            state.continuation = nil
            let results = state.results
            state.results = []
            return { continuation.resume(returning: results) }
        }
        last?()
    }
}
