/// Reads the journals that earlier lives left in a folder, and decides what can be used.
///
/// It changes no file until it is told to remove a life's. The caller holds a lock on the folder,
/// and none of these lives may still go on.
public struct JournalRecovery: Sendable {
    /// A life whose journal lies in the folder.
    public struct Life: Sendable {
        /// Whose life it was.
        public let identity: JournalIdentity
        /// Whether it ended in the same boot of the machine.
        public let isSameBoot: Bool
        /// Its streams, by number; one is missing when the life ended before it was made.
        public let streams: [RecoveredStream]
    }

    /// A stream of a life.
    public struct Stream: Hashable, Sendable {
        /// The life's number.
        public let incarnation: Int64
        /// The stream's number.
        public let stream: Int

        /// Names a stream.
        public init(incarnation: Int64, stream: Int) {
            self.incarnation = incarnation
            self.stream = stream
        }
    }

    /// What the ledger knows of the journals.
    public struct Known: Sendable {
        /// The boot of the machine now.
        public var boot: BootID
        /// The ledger's history.
        public var generation: Int64
        /// How far each stream has been taken over; one that is not named, from its start.
        public var stored: [Stream: JournalPosition]
        /// The lives that have been taken over whole: only their files are left, or parts of them.
        public var finished: Set<Int64>

        /// Gathers what is known.
        public init(
            boot: BootID,
            generation: Int64,
            stored: [Stream: JournalPosition] = [:],
            finished: Set<Int64> = []
        ) {
            self.boot = boot
            self.generation = generation
            self.stored = stored
            self.finished = finished
        }
    }

    /// The lives that are not finished, oldest first.
    public let lives: [Life]
    private let folder: JournalFolder

    /// Looks through a folder; one that is not there holds no journal.
    ///
    /// - Parameters:
    ///   - path: the folder of the segments.
    ///   - known: what the ledger knows of them.
    ///   - files: the system's calls.
    /// - Throws: `damaged`, `generation` or `unknown_format` with file and offset, when the journal
    ///   can't be used without losing or inventing records; `unusable_folder` or `broken`, when it
    ///   can't be read.
    public init(
        folder path: String,
        known: Known,
        files: any JournalFiles = SystemFiles()
    ) throws(JournalError) {
        folder = JournalFolder(path: path, files: files)
        try folder.make()
        let segments = try folder.contents().segments
            .filter { !known.finished.contains($0.incarnation) }
        let byLife = Dictionary(grouping: segments, by: \.incarnation)
        let missing = known.stored.keys
            .filter { !known.finished.contains($0.incarnation) && byLife[$0.incarnation] == nil }
        if let stream = missing.min(by: { $0.incarnation < $1.incarnation }) {
            throw JournalError(
                .damaged, "the journal of incarnation \(stream.incarnation) is missing", file: path)
        }
        var lives: [Life] = []
        for incarnation in byLife.keys.sorted() {
            let survey = LifeSurvey(
                incarnation: incarnation, names: byLife[incarnation] ?? [], known: known,
                folder: folder)
            lives.append(try survey.life())
        }
        self.lives = lives
    }

    /// The lives of which there are files in a folder; one that is not there has none.
    ///
    /// - Parameters:
    ///   - path: the folder of the segments; it is made when its parent is there.
    ///   - files: the system's calls.
    /// - Returns: the lives' numbers.
    /// - Throws: `unusable_folder` when it can't be read, `damaged` when it holds something else.
    public static func incarnations(
        in path: String,
        files: any JournalFiles = SystemFiles()
    ) throws(JournalError) -> Set<Int64> {
        let folder = JournalFolder(path: path, files: files)
        try folder.make()
        return Set(try folder.contents().segments.map(\.incarnation))
    }

    /// Removes the files of a life that has been taken over whole.
    ///
    /// It may be repeated. The ledger must know that the life is finished before.
    ///
    /// - Parameter incarnation: the life's number.
    /// - Throws: `unusable_folder` when a file can't be removed.
    public func remove(_ incarnation: Int64) throws(JournalError) {
        try Self.remove(incarnation, in: folder)
    }

    /// Removes the files of a life that the ledger knows to be finished; see ``remove(_:)``.
    ///
    /// - Parameters:
    ///   - incarnation: the life's number.
    ///   - path: the folder of the segments.
    ///   - files: the system's calls.
    /// - Throws: `unusable_folder` when a file can't be removed.
    public static func remove(
        _ incarnation: Int64,
        in path: String,
        files: any JournalFiles = SystemFiles()
    ) throws(JournalError) {
        try remove(incarnation, in: JournalFolder(path: path, files: files))
    }

    private static func remove(
        _ incarnation: Int64,
        in folder: JournalFolder
    ) throws(JournalError) {
        let segments = try folder.contents().segments
            .filter { $0.incarnation == incarnation }
        for segment in segments { try folder.remove(segment.text) }
        try folder.syncNames()
    }
}
