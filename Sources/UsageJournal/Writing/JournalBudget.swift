import Synchronization

/// How much disk space the segments of a journal may take, over all streams.
final class JournalBudget: Sendable {
    let maximumBytes: Int
    private let used = Mutex(0)

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Sets bytes aside; answers false, and nothing is set aside, when there is no room.
    func reserve(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard bytes <= maximumBytes - used else { return false }
            used += bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) {
        used.withLock { $0 -= bytes }
    }
}
