import Synchronization

/// An append-only log of fixed records in mapped files: what is appended survives `kill -9`.
///
/// It has several streams, each with its own lock, segments and positions. An append is a copy
/// into memory that the system shares with a file; nothing is called. What a power cut spares is
/// told by ``syncedPosition(of:)``. `Documentation/journal-format.md` has the format and the
/// rules by which ``JournalRecovery`` reads it again.
public final class UsageJournal: Sendable {
    /// The size of a segment when nothing else is said.
    public static let defaultSegmentBytes = 16 << 20
    /// The bound of all segments when nothing else is said.
    public static let defaultMaximumBytes = 1 << 30

    private let streams: [JournalStream]
    private let health = JournalHealth()
    /// The writers of the streams that nobody has taken.
    private let writers: [Writer]

    /// Begins the journal of a life that has none yet.
    ///
    /// Files whose making was cut short are removed. The caller holds a lock on the folder.
    ///
    /// - Parameters:
    ///   - folder: the folder of the segments; it is made when its parent is there.
    ///   - identity: whose records they are.
    ///   - streamCount: how many streams there are, from 0.
    ///   - segmentBytes: the size of a segment, see ``SegmentLayout``.
    ///   - maximumBytes: the bound of this life's segments; two for each stream at least.
    ///   - files: the system's calls.
    /// - Throws: `unusable_folder`, `disk_full` or `broken`.
    public init(
        folder: String,
        identity: JournalIdentity,
        streamCount: Int,
        segmentBytes: Int = defaultSegmentBytes,
        maximumBytes: Int = defaultMaximumBytes,
        files: any JournalFiles = SystemFiles()
    ) throws(JournalError) {
        let folder = JournalFolder(path: folder, files: files)
        guard SegmentLayout.allows(segmentBytes: segmentBytes), 1...4_096 ~= streamCount,
            maximumBytes / segmentBytes / 2 >= streamCount
        else {
            throw JournalError(
                .unusableFolder,
                "\(maximumBytes) bytes in segments of \(segmentBytes) are no sizes for "
                    + "\(streamCount) streams, of which each needs two segments")
        }
        try Self.clear(folder, for: identity)
        let budget = JournalBudget(maximumBytes: maximumBytes)
        do throws(JournalError) {
            streams = try (0..<streamCount)
                .map { number throws(JournalError) in
                    try JournalStream(
                        number, of: streamCount, identity: identity, segmentBytes: segmentBytes,
                        folder: folder, budget: budget)
                }
        } catch {
            // A journal with some of its streams is none.
            Self.removeSegments(of: identity, in: folder)
            throw error
        }
        writers = Self.writers(of: streams, health)
        largestExtension = SegmentWriter.largestExtension(segmentBytes: segmentBytes)
    }

    private static func writers(
        of streams: [JournalStream],
        _ health: JournalHealth
    ) -> [Writer] {
        health.whenBroken { for stream in streams { stream.stop() } }
        return streams.map { Writer(StreamAppender($0, health)) }
    }

    /// The most bytes that the extension of a record may have.
    public let largestExtension: Int

    /// How many streams there are.
    public var streamCount: Int { streams.count }

    private static func removeSegments(of identity: JournalIdentity, in folder: JournalFolder) {
        let segments = try? folder.contents().segments
        for segment in segments ?? [] where segment.incarnation == identity.incarnation {
            try? folder.remove(segment.text)
        }
    }

    private static func clear(
        _ folder: JournalFolder,
        for identity: JournalIdentity
    ) throws(JournalError) {
        try folder.make()
        let contents = try folder.contents()
        for name in contents.unfinished { try folder.remove(name) }
        if let segment = contents.segments.first(where: { $0.incarnation == identity.incarnation })
        {
            throw JournalError(
                .unusableFolder, "incarnation \(identity.incarnation) has a journal already",
                file: folder.path(segment.text))
        }
    }

    /// Gives the writer of a stream away, for who appends without a lock.
    ///
    /// Who has it stops it before the journal is closed.
    ///
    /// - Precondition: nobody else has it.
    public func takeAppender(of stream: Int) -> StreamAppender { writers[stream].take() }

    /// Appends a record, and answers the position of its end.
    ///
    /// When it returns, the record survives the death of the process. Appends to one stream are
    /// ordered by its lock.
    ///
    /// - Parameters:
    ///   - record: what is written.
    ///   - bytes: what is written with it, at most ``largestExtension`` bytes.
    ///   - stream: the stream's number.
    /// - Returns: the position of the record's end.
    /// - Throws: what ``StreamAppender/append(_:extension:within:)`` throws.
    /// - Precondition: nobody has the stream's writer.
    public func append(
        _ record: JournalRecord,
        extension bytes: UnsafeRawBufferPointer? = nil,
        to stream: Int
    ) throws(JournalError) -> JournalPosition {
        try writers[stream].append(record, bytes)
    }

    /// The end of the last record of a stream.
    public func end(of stream: Int) -> JournalPosition { streams[stream].end }

    /// The position before which a stream is on the disk.
    public func syncedPosition(of stream: Int) -> JournalPosition { streams[stream].synced }

    /// Brings to the disk what was appended to a stream before the call.
    ///
    /// - Parameter stream: the stream's number.
    /// - Returns: the position before which the stream is on the disk.
    /// - Throws: `broken` when the disk fails; it is never tried again, and nothing can be appended
    ///   to any stream, since a second sync may succeed without what the first one lost.
    public func sync(_ stream: Int) throws(JournalError) -> JournalPosition {
        try health.check()
        return try health.breaking { () throws(JournalError) in try streams[stream].sync() }
    }

    /// Reads the records between two positions, while others are appended.
    ///
    /// - Parameters:
    ///   - stream: the stream's number.
    ///   - first: the start, an end of a record that has not been released.
    ///   - last: the end, at most the stream's end.
    ///   - body: gets each record, its extension, which lives as long as the call, and the
    ///     position of its end.
    /// - Returns: where to go on, which is to be stored: the last position, or the start of the
    ///   next segment when nothing follows in this one, so that this one can be released.
    /// - Throws: `damaged` when there are no such positions or the memory was changed; what the
    ///   body throws.
    public func read(
        _ stream: Int,
        from first: JournalPosition,
        through last: JournalPosition,
        _ body: (JournalRecord, UnsafeRawBufferPointer, JournalPosition) throws(JournalError) ->
            Void
    ) throws(JournalError) -> JournalPosition {
        try streams[stream].read(from: first, through: last, body)
    }

    /// Gives the disk space of segments free that lie wholly before a position and are synced.
    ///
    /// - Parameters:
    ///   - stream: the stream's number.
    ///   - position: the position that is stored: nothing before it is needed again.
    /// - Throws: `unusable_folder` when a file can't be removed; it is tried again next time.
    public func release(
        _ stream: Int,
        through position: JournalPosition
    ) throws(JournalError) {
        try streams[stream].release(through: position)
    }

    /// Makes the next segment of each stream that is filled by half, so that no append has to.
    ///
    /// It is called now and then by a thread that may wait for the disk. That the journal is full
    /// is left for an append to say.
    ///
    /// - Throws: what the disk says; the streams after it are left for the next time.
    public func prepare() throws(JournalError) {
        try health.check()
        for stream in streams {
            do {
                try health.breaking { () throws(JournalError) in try stream.makeSpare(early: true) }
            } catch  where error.code == .full {
                continue
            }
        }
    }

    /// Lets no further record in, brings everything to the disk, and says there that nothing
    /// follows.
    ///
    /// A second call does nothing.
    ///
    /// - Throws: `broken` when the disk fails now or failed before.
    public func close() throws(JournalError) {
        if let previous = health.close() {
            if previous.code == .closed { return }
            throw previous
        }
        for writer in writers { writer.stop() }
        for stream in streams { stream.stop() }
        for stream in streams {
            try health.breaking { () throws(JournalError) in try stream.close() }
        }
    }
}

/// A stream's writer, for who does not take it.
private final class Writer: Sendable {
    private let appender: Mutex<StreamAppender?>

    init(_ appender: consuming StreamAppender) { self.appender = Mutex(consume appender) }

    func take() -> StreamAppender {
        let taken = appender.withLock { appender -> StreamAppender? in
            let taken = appender.take()
            return taken
        }
        guard let taken else { preconditionFailure("a stream has one writer") }
        return taken
    }

    func append(
        _ record: JournalRecord,
        _ bytes: UnsafeRawBufferPointer?
    ) throws(JournalError) -> JournalPosition {
        try appender.withLock { appender throws(JournalError) in
            guard let position = try appender?.append(record, extension: bytes) else {
                preconditionFailure("another has the stream's writer")
            }
            return position
        }
    }

    func stop() { appender.withLock { $0?.stop() } }
}
