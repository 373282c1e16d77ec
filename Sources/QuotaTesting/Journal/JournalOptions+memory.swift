public import QuotaNode
import UsageJournal

extension JournalOptions {
    /// A journal in memory, for nodes that live and die with a test; what waits for the disk is
    /// done at once.
    ///
    /// - Parameter files: the disk; two nodes on the same one find each other's journals.
    /// - Returns: the options.
    public static func inMemory(_ files: MemoryFiles = MemoryFiles()) -> JournalOptions {
        var options = JournalOptions(
            folder: "journal", boot: BootID(high: 1, low: 1), files: files,
            background: { $0() },
            onBroken: { error in preconditionFailure("a journal in memory failed: \(error)") })
        options.segmentBytes = 1 << 18
        options.maximumBytes = 1 << 26
        return options
    }
}
