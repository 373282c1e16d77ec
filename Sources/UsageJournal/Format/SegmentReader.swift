/// Reads the records of a segment that lies in memory, each checked against its commit word.
public struct SegmentReader {
    /// What stands at a place of a segment.
    public enum Step {
        /// A record with the bytes of its extension, which live as long as the memory.
        case record(JournalRecord, extension: UnsafeRawBufferPointer)
        /// No further record.
        case end(SegmentEnd)
    }

    private let segment: UnsafeRawBufferPointer
    private let seed: UInt64
    private let bound: Int?
    /// The end of the last record, from the segment's start.
    public private(set) var offset: Int

    /// Reads a segment with a right header from an offset to another, or as far as records go.
    ///
    /// - Precondition: the memory is a whole segment at an address that 8 divides.
    public init(
        _ segment: UnsafeRawBufferPointer,
        from offset: Int = SegmentLayout.headerBytes,
        through bound: Int? = nil
    ) {
        precondition(segment.count >= SegmentLayout.smallestSegmentBytes, "a whole segment")
        self.segment = segment
        self.offset = offset
        self.bound = bound
        seed = SegmentHeader.seed(of: segment)
    }

    /// The next record, or why there is none.
    public mutating func next() -> Step {
        if let bound, offset >= bound { return .end(offset == bound ? .reached : .damaged) }
        guard Self.isSlot(offset, of: segment.count), let base = segment.baseAddress else {
            return .end(.damaged)
        }
        let slot = base + offset
        let commit = UInt64(littleEndian: slot.load(as: UInt64.self))
        if commit == 0 { return .end(.blank) }
        let words = RecordWords(at: slot)
        let padded = SegmentLayout.padded(words.extensionBytes)
        guard isWhole(words, padded: padded, at: slot, commit: commit) else {
            return .end(.damaged)
        }
        guard words.reserved == 0 else {
            return .end(words.reserved == SegmentLayout.sealTag ? .sealed : .damaged)
        }
        offset += SegmentLayout.slotBytes + padded
        let bytes = UnsafeRawBufferPointer(
            start: slot + SegmentLayout.slotBytes, count: words.extensionBytes)
        return .record(words.record, extension: bytes)
    }

    /// Whether a commit word that is right at its place stands at an offset.
    static func holdsRecord(_ segment: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        var reader = SegmentReader(segment, from: offset)
        switch reader.next() {
        case .record, .end(.sealed): return true
        case .end: return false
        }
    }

    private func isWhole(
        _ words: RecordWords,
        padded: Int,
        at slot: UnsafeRawPointer,
        commit: UInt64
    ) -> Bool {
        let end = offset + SegmentLayout.slotBytes + padded
        guard words.extensionBytes <= SegmentLayout.maximumExtensionBytes, end <= segment.count
        else { return false }
        let seed = FoldedHash.seed(seed, offset: offset)
        var tail = seed
        if padded > 0 {
            tail = FoldedHash.slots(
                slot + SegmentLayout.slotBytes, count: padded / SegmentLayout.slotBytes, seed: seed)
        }
        return FoldedHash.record(words, tail: tail, seed: seed) == commit
    }

    private static func isSlot(_ offset: Int, of segmentBytes: Int) -> Bool {
        offset % SegmentLayout.slotBytes == 0 && offset >= SegmentLayout.headerBytes
            && offset + SegmentLayout.slotBytes <= segmentBytes
    }
}
