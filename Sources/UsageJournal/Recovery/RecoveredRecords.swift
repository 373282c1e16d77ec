/// Reads the records of a recovered stream from front to back, one segment in memory at a time.
public final class RecoveredRecords {
    private let stream: VerifiedStream
    private let buffer: SegmentBuffer
    private let folder: JournalFolder
    /// The segments that are not loaded yet.
    private var rest: ArraySlice<VerifiedSegment>
    private let fromSegmentStart: Bool
    private var current: (segment: VerifiedSegment, reader: SegmentReader)?

    init(_ stream: VerifiedStream, folder: JournalFolder, fromSegmentStart: Bool) {
        self.fromSegmentStart = fromSegmentStart
        self.stream = stream
        self.folder = folder
        buffer = SegmentBuffer(folder)
        rest = stream.segments[...]
    }

    /// Reads the next records.
    ///
    /// - Parameters:
    ///   - most: how many at most.
    ///   - body: gets each record, its extension, which lives as long as the call, and the
    ///     position of its end, which can be stored when all before it is taken over.
    /// - Returns: how many there were; 0 at the end.
    /// - Throws: `damaged` when a file has changed since it was checked; what the body throws.
    public func next(
        _ most: Int,
        _ body: (JournalRecord, UnsafeRawBufferPointer, JournalPosition) throws(JournalError) ->
            Void
    ) throws(JournalError) -> Int {
        var count = 0
        while count < most {
            if current == nil { current = try loadNext() }
            guard let segment = current?.segment, var reader = current?.reader else {
                return count
            }
            switch reader.next() {
            case .record(let record, let bytes):
                current = (segment, reader)
                let position = JournalPosition(segment: segment.number, offset: reader.offset)
                try body(record, bytes, position)
                count += 1
            case .end(.reached):
                current = nil
            case .end:
                throw JournalError(
                    .damaged, "the file has changed since it was checked", file: segment.file,
                    offset: reader.offset)
            }
        }
        return count
    }

    private func loadNext() throws(JournalError) -> (
        segment: VerifiedSegment, reader: SegmentReader
    )? {
        guard let segment = rest.popFirst() else { return nil }
        let name = SegmentName(
            incarnation: stream.header.identity.incarnation, stream: stream.header.stream,
            number: segment.number)
        try buffer.load(name.text)
        let header = try SegmentHeader(decoding: buffer.bytes)
        guard header.number == segment.number, header.identity == stream.header.identity else {
            throw JournalError(
                .damaged, "the file has changed since it was checked", file: segment.file)
        }
        let isFirst = segment.number == stream.stored.segment && !fromSegmentStart
        let start = isFirst ? stream.stored.offset : SegmentLayout.headerBytes
        return (
            segment, SegmentReader(buffer.bytes, from: start, through: segment.recordsEnd)
        )
    }
}
