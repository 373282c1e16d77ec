/// How far a segment is known to be on the disk.
///
/// A mark is written after the sync it tells of has returned, so what it says is true whenever it
/// reaches the disk itself: at the latest with the next sync. Two places take turns, each in a
/// disk sector of its own, so that a torn one leaves the one before.
public struct SyncMark: Hashable, Sendable {
    /// All bytes of the segment before this offset are on the disk.
    public let offset: Int
    /// Which mark of the segment it is, from 0.
    public let sequence: UInt64
    /// Whether the stream was closed here: nothing follows, in this segment or a later one.
    public let isClean: Bool

    /// Creates a mark.
    public init(offset: Int, sequence: UInt64, isClean: Bool = false) {
        self.offset = offset
        self.sequence = sequence
        self.isClean = isClean
    }

    /// The mark that follows this one.
    public func next(offset: Int, isClean: Bool = false) -> SyncMark {
        SyncMark(offset: offset, sequence: sequence + 1, isClean: isClean)
    }

    /// Writes the mark to its place in the header.
    public func write(to segment: UnsafeMutableRawBufferPointer) {
        let place = Self.place(of: sequence)
        let flags: UInt64 = isClean ? 1 : 0
        let position = UInt64(offset)
        let seed = Self.seed(of: UnsafeRawBufferPointer(segment), place: place)
        let hash = FoldedHash.words(position, sequence, flags, seed: seed)
        for (index, word) in [position, sequence, flags, hash].enumerated() {
            segment.storeBytes(
                of: word.littleEndian, toByteOffset: place + index * 8, as: UInt64.self)
        }
    }

    /// The newest mark of a segment whose header is right.
    ///
    /// - Throws: `damaged` when neither place holds one, or one that can't be.
    public static func read(
        from segment: UnsafeRawBufferPointer
    ) throws(JournalError) -> SyncMark {
        let marks = [SegmentLayout.markOffsets.0, SegmentLayout.markOffsets.1]
            .compactMap { mark(of: segment, at: $0) }
        guard let newest = marks.max(by: { $0.sequence < $1.sequence }) else {
            throw .damaged("no sync mark is whole", at: SegmentLayout.markOffsets.0)
        }
        for mark in marks {
            let isPlace = mark.offset % SegmentLayout.slotBytes == 0
            guard isPlace, SegmentLayout.headerBytes...segment.count ~= mark.offset,
                mark.offset <= newest.offset
            else {
                let message = "a sync mark says \(mark.offset), of \(segment.count) bytes"
                throw .damaged(message, at: place(of: mark.sequence))
            }
        }
        return newest
    }

    private static func mark(of segment: UnsafeRawBufferPointer, at place: Int) -> SyncMark? {
        func word(_ index: Int) -> UInt64 {
            let word = segment.load(fromByteOffset: place + index * 8, as: UInt64.self)
            return UInt64(littleEndian: word)
        }
        let (position, sequence, flags) = (word(0), word(1), word(2))
        let seed = seed(of: segment, place: place)
        guard word(3) == FoldedHash.words(position, sequence, flags, seed: seed),
            Self.place(of: sequence) == place, flags <= 1
        else { return nil }
        return SyncMark(
            offset: Int(clamping: position), sequence: sequence, isClean: flags == 1)
    }

    private static func place(of sequence: UInt64) -> Int {
        sequence % 2 == 0 ? SegmentLayout.markOffsets.0 : SegmentLayout.markOffsets.1
    }

    private static func seed(of segment: UnsafeRawBufferPointer, place: Int) -> UInt64 {
        FoldedHash.seed(SegmentHeader.seed(of: segment), offset: place)
    }
}
