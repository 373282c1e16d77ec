/// What one walk over a segment finds.
struct SegmentSurvey {
    /// How much a writer that is killed can have written behind the last finished record.
    private static let tornBytes =
        SegmentLayout.slotBytes + SegmentLayout.padded(SegmentLayout.maximumExtensionBytes)

    let mark: SyncMark
    /// The end of the last record that can be read.
    let recordsEnd: Int
    /// Why there is no further one.
    let stop: SegmentEnd
    /// Whether a record ends at the offset that was asked for.
    let meetsBoundary: Bool

    private let segment: UnsafeRawBufferPointer

    /// Walks over a segment with a right header.
    init(_ segment: UnsafeRawBufferPointer, boundary: Int?) throws(JournalError) {
        mark = try SyncMark.read(from: segment)
        self.segment = segment
        var reader = SegmentReader(segment)
        var meets = boundary == nil || boundary == reader.offset
        var stop: SegmentEnd?
        while stop == nil {
            switch reader.next() {
            case .record: meets = meets || reader.offset == boundary
            case .end(let end): stop = end
            }
        }
        recordsEnd = reader.offset
        meetsBoundary = meets
        self.stop = stop ?? .damaged
    }

    /// The end of what a writer wrote, with the seal.
    var end: Int { stop == .sealed ? recordsEnd + SegmentLayout.slotBytes : recordsEnd }

    /// Whether nothing was ever written behind the header.
    var isUntouched: Bool {
        mark.offset == SegmentLayout.headerBytes && !mark.isClean
            && firstByte(behind: SegmentLayout.headerBytes) == nil
    }

    /// The place of the first byte that is not 0 at or behind an offset.
    func firstByte(behind offset: Int) -> Int? {
        segment.firstNonZero(in: offset..<segment.count)
    }

    /// The place of what a killed writer can't have left behind the last record.
    ///
    /// It may have left parts of one record, in which no commit word is right.
    func firstTrace() -> Int? {
        let tornEnd = min(recordsEnd + Self.tornBytes, segment.count)
        if let offset = firstByte(behind: tornEnd) { return offset }
        var offset = recordsEnd
        while offset < tornEnd {
            if SegmentReader.holdsRecord(segment, at: offset) { return offset }
            offset += SegmentLayout.slotBytes
        }
        return nil
    }
}
