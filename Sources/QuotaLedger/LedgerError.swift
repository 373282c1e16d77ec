/// Why the ledger could not do what it was asked.
public struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name, as it stands in logs.
        public let description: String

        /// The disk is full: nothing was written, and reads go on.
        public static let diskFull = Code(description: "disk_full")
        /// Another program holds the store: nothing was written, and it may pass.
        public static let busy = Code(description: "busy")
        /// The store can't be reached, which may pass; what was asked did not happen.
        public static let unreachable = Code(description: "unreachable")
        /// The store failed in a way that leaves its state unknown: only a restart helps.
        public static let broken = Code(description: "broken")
        /// The store is stopping.
        public static let closed = Code(description: "closed")
        /// The data was written by a newer Weir.
        public static let newerSchema = Code(description: "newer_schema")
        /// The data was written by an older Weir and has to be brought up to date first.
        public static let olderSchema = Code(description: "older_schema")
        /// Another server uses the data folder.
        public static let locked = Code(description: "locked")
        /// The data folder can't be used.
        public static let unusableFolder = Code(description: "unusable_folder")
        /// A backup is being made already.
        public static let backupRunning = Code(description: "backup_running")
        /// No copy could be made; the store itself is as it was.
        public static let backupFailed = Code(description: "backup_failed")
        /// A ledger is in the way.
        public static let ledgerExists = Code(description: "ledger_exists")
        /// A ledger differs from its own log.
        public static let differs = Code(description: "differs")
        /// An invariant would have been broken; nothing was written.
        public static let invariant = Code(description: "invariant")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, for people.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What is wrong, for people.
    public var description: String { message }
}
