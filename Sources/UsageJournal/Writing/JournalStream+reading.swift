import Synchronization

extension JournalStream {
    /// Reads records while others are appended; see ``UsageJournal/read(_:from:through:_:)``.
    func read(
        from first: JournalPosition,
        through last: JournalPosition,
        _ body: (JournalRecord, UnsafeRawBufferPointer, JournalPosition) throws(JournalError) ->
            Void
    ) throws(JournalError) -> JournalPosition {
        let (work, end) = state.withLock { state in
            let end = self.end
            return (state.segments(from: first, through: last, end: end), end)
        }
        guard first <= last, last <= end, work.first.map(\.segment.number) == first.segment else {
            throw .damaged("the journal holds no records from \(first) through \(last)")
        }
        var reached = first
        for (segment, recordsEnd) in work {
            let number = segment.number
            let start = number == first.segment ? first.offset : SegmentLayout.headerBytes
            let bound = number == last.segment ? last.offset : recordsEnd
            var reader = SegmentReader(
                UnsafeRawBufferPointer(segment.region), from: start, through: bound)
            try reader.readAll(of: number, body)
            reached = JournalPosition(segment: number, offset: bound)
            if bound == recordsEnd, number < end.segment {
                reached = JournalPosition(segment: number + 1, offset: SegmentLayout.headerBytes)
            }
        }
        return reached
    }
}
