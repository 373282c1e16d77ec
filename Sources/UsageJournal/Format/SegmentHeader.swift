/// What a segment says of itself in its first page, written once before it is used.
public struct SegmentHeader: Hashable, Sendable {
    /// Whose records it holds.
    public let identity: JournalIdentity
    /// The stream it belongs to.
    public let stream: Int
    /// How many streams the journal has.
    public let streamCount: Int
    /// Its number in the stream, from 0 without gaps.
    public let number: Int64
    /// Its size with this header.
    public let segmentBytes: Int

    /// Creates a header.
    ///
    /// - Precondition: the format allows the size and the numbers.
    public init(
        identity: JournalIdentity,
        stream: Int,
        streamCount: Int,
        number: Int64,
        segmentBytes: Int
    ) {
        precondition(SegmentLayout.allows(segmentBytes: segmentBytes), "a size of the format")
        precondition(0..<streamCount ~= stream && streamCount <= Int(UInt32.max), "a stream")
        precondition(0...Int64(Int32.max) ~= number, "a segment's number has 31 bits")
        self.identity = identity
        self.stream = stream
        self.streamCount = streamCount
        self.number = number
        self.segmentBytes = segmentBytes
    }

    /// Writes the header and the first sync mark, which says that nothing follows yet.
    ///
    /// - Precondition: the page is there, at an address that 8 divides.
    public func encode(into page: UnsafeMutableRawBufferPointer) {
        precondition(page.count >= SegmentLayout.headerBytes, "a header is a page")
        let header = UnsafeMutableRawBufferPointer(rebasing: page[..<SegmentLayout.headerBytes])
        header.initializeMemory(as: UInt8.self, repeating: 0)
        func store(_ value: some FixedWidthInteger, _ offset: Int) {
            header.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
        }
        store(SegmentLayout.magic, 0)
        store(SegmentLayout.version, 8)
        store(UInt32(SegmentLayout.headerBytes), 12)
        store(Int64(segmentBytes), 16)
        store(number, 24)
        store(identity.incarnation, 32)
        store(identity.generation, 40)
        store(identity.boot.high.bigEndian, 48)
        store(identity.boot.low.bigEndian, 56)
        store(UInt32(stream), 64)
        store(UInt32(streamCount), 68)
        store(UInt32(identity.node.utf8.count), 72)
        store(UInt32(identity.isDurable ? 1 : 0), 76)
        for (index, byte) in identity.node.utf8.enumerated() { header[80 + index] = byte }
        store(Self.hash(of: UnsafeRawBufferPointer(header)), SegmentLayout.staticBytes)
        SyncMark(offset: SegmentLayout.headerBytes, sequence: 0).write(to: header)
    }

    /// The hash of the part that is written once.
    static func hash(of page: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = page.baseAddress else { return 0 }
        let slots = SegmentLayout.staticBytes / SegmentLayout.slotBytes
        return FoldedHash.slots(base, count: slots, seed: SegmentLayout.magic)
    }

    /// The seed of all hashes in a segment: its header's hash, so that nothing written for
    /// another segment, stream, life or node is taken for a record of this one.
    static func seed(of page: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(littleEndian: page.load(fromByteOffset: SegmentLayout.staticBytes, as: UInt64.self))
    }
}
