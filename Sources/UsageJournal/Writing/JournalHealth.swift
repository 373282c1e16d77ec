import Synchronization

/// Why nothing can be appended to a journal any more.
final class JournalHealth: Sendable {
    private let failure = Mutex<JournalError?>(nil)
    /// Called once the journal is broken.
    private let onBroken: Mutex<@Sendable () -> Void> = Mutex({})

    func whenBroken(_ body: @escaping @Sendable () -> Void) { onBroken.withLock { $0 = body } }

    func check() throws(JournalError) {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Closes the journal.
    ///
    /// - Returns: what kept it from being used before.
    func close() -> JournalError? {
        failure.withLock { failure in
            let previous = failure
            if failure == nil { failure = JournalError(.closed, "the journal is closed") }
            return previous
        }
    }

    /// Runs what may break the journal, and then lets nothing in for ever.
    func breaking<Result>(
        _ body: () throws(JournalError) -> Result
    ) throws(JournalError) -> Result {
        do {
            return try body()
        } catch {
            if error.code == .broken {
                failure.withLock { failure in
                    if failure?.code != .broken { failure = error }
                }
                onBroken.withLock { $0 }()
            }
            throw error
        }
    }
}
