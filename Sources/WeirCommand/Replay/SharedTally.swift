import Synchronization

/// The tally that all of a replay's tasks write to.
final class SharedTally: Sendable {
    private let tally: Mutex<ReplayTally>

    init(_ tally: ReplayTally) {
        self.tally = Mutex(tally)
    }

    /// Reads or changes the tally; do nothing slow in it.
    func update<Value: Sendable>(_ body: (inout ReplayTally) -> Value) -> Value {
        tally.withLock { body(&$0) }
    }
}
