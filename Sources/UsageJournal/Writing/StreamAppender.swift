import Synchronization

/// The one writer of a stream: who has it appends without a lock.
///
/// What it appends survives the process when the call returns, and others may sync and read it from
/// then on. It must not outlive its journal, and is stopped before that is closed.
public struct StreamAppender: ~Copyable, Sendable {
    private var writer: SegmentWriter
    /// The number of the segment that it writes to.
    public private(set) var segment: Int64
    // A reference that is counted costs as much as the copy; the journal keeps the stream.
    private let stream: Unmanaged<JournalStream>
    private let health: JournalHealth
    private var isOver = false

    init(_ stream: JournalStream, _ health: JournalHealth) {
        let first = stream.state.withLock { $0.current }
        writer = SegmentWriter(fresh: first.region)
        segment = first.number
        self.stream = .passUnretained(stream)
        self.health = health
    }

    /// The end of the last record.
    public var end: JournalPosition { JournalPosition(segment: segment, offset: writer.offset) }

    /// Lets no further record in.
    public mutating func stop() {
        isOver = true
        writer.stop()
    }

    /// Appends a record.
    ///
    /// - Parameters:
    ///   - record: what is written.
    ///   - bytes: what is written with it, at most ``UsageJournal/largestExtension`` bytes.
    /// - Returns: the position of the record's end.
    /// - Throws: what ``append(_:extension:within:)`` throws.
    @inline(__always)
    public mutating func append(
        _ record: JournalRecord,
        extension bytes: UnsafeRawBufferPointer? = nil
    ) throws(JournalError) -> JournalPosition {
        while true {
            if let end = try append(record, extension: bytes, within: segment) { return end }
        }
    }

    /// Appends a record if it lies in a segment, so that it may refer to what was written there
    /// before.
    ///
    /// - Parameters:
    ///   - record: what is written.
    ///   - bytes: what is written with it, at most ``UsageJournal/largestExtension`` bytes.
    ///   - segment: the segment's number.
    /// - Returns: the position of the record's end; nil, and nothing was written, when the stream
    ///   goes on in a later segment.
    /// - Throws: `full`, `disk_full` or `too_large`, and nothing was written; `broken` or `closed`,
    ///   and nothing ever will be.
    @inline(__always)
    public mutating func append(
        _ record: JournalRecord,
        extension bytes: UnsafeRawBufferPointer? = nil,
        within segment: Int64
    ) throws(JournalError) -> JournalPosition? {
        let isStopped = stream._withUnsafeGuaranteedRef { $0.isStopped.load(ordering: .relaxed) }
        if segment == self.segment, !isStopped,
            let offset = writer.append(record, extension: bytes)
        {
            let end = JournalPosition(segment: segment, offset: offset)
            stream._withUnsafeGuaranteedRef { $0.publish(end) }
            return end
        }
        try makeRoom(segment, bytes?.count ?? 0)
        return nil
    }

    /// Goes on in the next segment where a record does not fit into this one.
    @inline(never)
    private mutating func makeRoom(_ segment: Int64, _ count: Int) throws(JournalError) {
        let stream = stream.takeUnretainedValue()
        if segment != self.segment { return }
        try health.check()
        if count > SegmentWriter.largestExtension(segmentBytes: stream.segmentBytes) {
            throw .tooLarge(count)
        }
        while true {
            if isOver || stream.isStopped.load(ordering: .relaxed) {
                throw JournalError(.closed, "the journal is closed")
            }
            if turn(stream) { return }
            try health.breaking { () throws(JournalError) in try stream.makeSpare(early: false) }
        }
    }

    private mutating func turn(_ stream: JournalStream) -> Bool {
        // A spare segment leaves only here.
        guard stream.state.withLock({ $0.spare != nil && !$0.isStopped }) else { return false }
        let offset = writer.offset
        writer.seal()
        let next = stream.state.withLock { state in
            _ = state.turn(recordsEnd: offset)
            stream.publish(
                JournalPosition(segment: state.number, offset: SegmentLayout.headerBytes))
            return state.current
        }
        writer = SegmentWriter(fresh: next.region)
        segment = next.number
        return true
    }
}

extension JournalError {
    /// An extension that no segment holds.
    static func tooLarge(_ count: Int) -> JournalError {
        JournalError(.tooLarge, "an extension of \(count) bytes is too large for a segment")
    }
}
