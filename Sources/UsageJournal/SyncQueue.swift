/// Who waits for which position to be on the disk, and when to sync: one sync at a time, and the
/// next one for all who came meanwhile.
///
/// It decides and does nothing itself: a driver tells it events and carries out what it answers.
public struct SyncQueue<Waiter> {
    /// What to do for somebody who came.
    public enum Arrival {
        /// Go on: the position is on the disk.
        case proceed
        /// Wait, and begin a sync.
        case waitAndSync
        /// Wait for the sync that follows the one under way.
        case wait
        /// Fail: a sync has failed.
        case fail(JournalError)
    }

    /// What to do after a sync.
    public struct Outcome {
        /// They go on.
        public let proceeding: [Waiter]
        /// Whether to begin the next sync.
        public let syncsAgain: Bool
    }

    fileprivate struct Entry {
        let waiter: Waiter
        let position: JournalPosition
    }

    private var entries: [Entry] = []
    private var synced: JournalPosition
    private var isSyncing = false
    private var failure: JournalError?

    /// Creates an empty queue.
    public init(synced: JournalPosition = .start) { self.synced = synced }

    /// How many wait: whoever has appended may, so who appends has to look first.
    public var count: Int { entries.count }

    /// Somebody waits for a position, which is appended already.
    public mutating func arrive(_ waiter: Waiter, for position: JournalPosition) -> Arrival {
        if let failure { return .fail(failure) }
        if position <= synced { return .proceed }
        entries.append(Entry(waiter: waiter, position: position))
        if isSyncing { return .wait }
        isSyncing = true
        return .waitAndSync
    }

    /// The sync under way has returned.
    public mutating func didSync(through position: JournalPosition) -> Outcome {
        precondition(isSyncing, "no sync was under way")
        synced = max(synced, position)
        let proceeding = entries.filter { $0.position <= synced }.map(\.waiter)
        entries.removeAll { $0.position <= synced }
        isSyncing = failure == nil && !entries.isEmpty
        return Outcome(proceeding: proceeding, syncsAgain: isSyncing)
    }

    /// The sync under way has failed; answers who fails with it, and so does who comes later.
    public mutating func didFail(_ error: JournalError) -> [Waiter] {
        failure = error
        isSyncing = false
        defer { entries = [] }
        return entries.map(\.waiter)
    }
}

extension SyncQueue.Entry: Sendable where Waiter: Sendable {}
extension SyncQueue: Sendable where Waiter: Sendable {}
extension SyncQueue.Arrival: Hashable, Sendable {}
extension SyncQueue.Outcome: Sendable where Waiter: Sendable {}
