public import UsageJournal

/// Where a node keeps its journal, and how.
public struct JournalOptions: Sendable {
    /// When a request is answered.
    public enum Durability: String, Sendable, CaseIterable {
        /// When it is written: it survives the process, and after a power cut what was taken in
        /// the last moments is suspect.
        case fast
        /// When it is on the disk, too.
        case durable
    }

    /// The folder of the segments.
    public var folder: String
    /// When a request is answered.
    public var durability = Durability.fast
    /// How many streams there are; more of them let more threads write at once.
    public var streamCount = 1
    /// The size of a segment, in bytes.
    public var segmentBytes = 4 << 20
    /// The most bytes that wait for the ledger.
    public var maximumBytes = UsageJournal.defaultMaximumBytes
    /// The boot that the machine is in.
    public var boot: BootID
    /// Whether the journals of other histories, and those that are missing, are given up: what they
    /// may hold becomes suspect.
    public var givesUpOtherHistories = false
    /// The system's calls.
    public var files: any JournalFiles
    /// Runs what waits for the disk.
    public var background: @Sendable (@escaping @Sendable () -> Void) -> Void
    /// The journal can't be used any more, and the process has to end.
    public var onBroken: @Sendable (JournalError) -> Void

    /// The defaults.
    ///
    /// - Parameters:
    ///   - folder: the folder of the segments; it is made when its parent is there.
    ///   - boot: the boot that the machine is in.
    ///   - files: the system's calls.
    ///   - background: runs what waits for the disk, on a thread of its own.
    ///   - onBroken: called when the disk has failed.
    public init(
        folder: String,
        boot: BootID,
        files: any JournalFiles = SystemFiles(),
        background: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        onBroken: @escaping @Sendable (JournalError) -> Void
    ) {
        self.folder = folder
        self.boot = boot
        self.files = files
        self.background = background
        self.onBroken = onBroken
    }
}
