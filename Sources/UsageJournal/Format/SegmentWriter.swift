import CPosix
import Synchronization

/// Appends records to a segment that lies in memory.
///
/// It can't be copied: a segment has one writer, which may wander from thread to thread. The
/// memory must outlive it. Nothing else may write behind ``offset``.
public struct SegmentWriter: ~Copyable, Sendable {
    // Safe to send: the pointer is used by the one owner of this value.
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    private let seed: UInt64
    /// Where records must end: a slot is kept for the seal.
    private var limit: Int
    /// The end of the last record, from the segment's start.
    public private(set) var offset = SegmentLayout.headerBytes

    /// Begins a segment that has a header and holds zeros behind it.
    ///
    /// - Precondition: the memory is a whole segment at an address that 64 divides.
    public init(fresh segment: UnsafeMutableRawBufferPointer) {
        guard let base = segment.baseAddress, Int(bitPattern: base) % SegmentLayout.slotBytes == 0,
            SegmentLayout.allows(segmentBytes: segment.count)
        else { preconditionFailure("a writer needs the memory of a whole segment") }
        self.base = base
        seed = SegmentHeader.seed(of: UnsafeRawBufferPointer(segment))
        limit = segment.count - SegmentLayout.slotBytes
    }

    /// The most bytes of extension that fit into an empty segment of this size.
    public static func largestExtension(segmentBytes: Int) -> Int {
        let room = segmentBytes - SegmentLayout.headerBytes - 2 * SegmentLayout.slotBytes
        return min(room, SegmentLayout.maximumExtensionBytes)
    }

    /// Writes a record; answers the offset of its end, or nil and nothing written when it does
    /// not fit.
    ///
    /// The commit word is stored last, in one piece: whoever sees it sees the rest, and a writer
    /// that is killed at any moment leaves either the whole record or none.
    @inline(__always)
    public mutating func append(
        _ record: JournalRecord,
        extension bytes: UnsafeRawBufferPointer? = nil
    ) -> Int? {
        let extensionBytes = bytes?.count ?? 0
        guard extensionBytes <= SegmentLayout.maximumExtensionBytes else { return nil }
        let padded = SegmentLayout.padded(extensionBytes)
        guard offset + SegmentLayout.slotBytes + padded <= limit else { return nil }
        let words = RecordWords(record, extensionBytes: extensionBytes)
        let seed = FoldedHash.seed(seed, offset: offset)
        var tail = seed
        if let bytes, extensionBytes > 0 {
            tail = copy(bytes, padded: padded, seed: seed)
        }
        commit(words, tail: tail, seed: seed)
        offset += SegmentLayout.slotBytes + padded
        // Where many streams are written to in turn, the processor does not see what comes next.
        prefetch_for_writing(base + min(offset + SegmentLayout.slotBytes, limit))
        return offset
    }

    /// Writes the slot that says that the segment ends here; then nothing fits any more.
    public mutating func seal() {
        guard limit > 0 else { return }
        let seed = FoldedHash.seed(seed, offset: offset)
        commit(.seal, tail: seed, seed: seed)
        stop()
    }

    /// Lets nothing fit any more.
    public mutating func stop() { limit = 0 }

    @inline(__always)
    private func commit(_ words: RecordWords, tail: UInt64, seed: UInt64) {
        let slot = base + offset
        words.store(at: slot)
        let word = FoldedHash.record(words, tail: tail, seed: seed)
        slot.assumingMemoryBound(to: Atomic<UInt64>.self).pointee
            .store(word.littleEndian, ordering: .releasing)
    }

    /// Copies an extension behind its record, fills its last slot with zeros, and hashes it.
    private func copy(_ bytes: UnsafeRawBufferPointer, padded: Int, seed: UInt64) -> UInt64 {
        guard let source = bytes.baseAddress else { return seed }
        let target = base + (offset + SegmentLayout.slotBytes)
        target.copyMemory(from: source, byteCount: bytes.count)
        (target + bytes.count)
            .initializeMemory(
                as: UInt8.self, repeating: 0, count: padded - bytes.count)
        return FoldedHash.slots(target, count: padded / SegmentLayout.slotBytes, seed: seed)
    }
}
