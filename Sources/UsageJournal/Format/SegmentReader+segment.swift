extension SegmentReader {
    /// Reads to the bound; each record with the position of its end.
    mutating func readAll(
        of segment: Int64,
        _ body: (JournalRecord, UnsafeRawBufferPointer, JournalPosition) throws(JournalError) ->
            Void
    ) throws(JournalError) {
        while true {
            switch next() {
            case .record(let record, let bytes):
                try body(record, bytes, JournalPosition(segment: segment, offset: offset))
            case .end(.reached):
                return
            case .end(let end):
                throw .damaged("a record was expected in segment \(segment): \(end)", at: offset)
            }
        }
    }
}
