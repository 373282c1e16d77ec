extension SegmentHeader {
    /// Reads and checks the header of a segment.
    ///
    /// - Parameter segment: the whole segment, at an address that 8 divides.
    /// - Throws: `damaged` or `unknown_format`, with the offset.
    public init(decoding segment: UnsafeRawBufferPointer) throws(JournalError) {
        try Self.checkFrame(of: segment)
        func load<Value: FixedWidthInteger>(_ offset: Int, as: Value.Type) -> Value {
            Value(littleEndian: segment.load(fromByteOffset: offset, as: Value.self))
        }
        let segmentBytes = load(16, as: Int64.self)
        guard segmentBytes == segment.count else {
            throw .damaged("\(segment.count) bytes are left of \(segmentBytes)", at: segment.count)
        }
        let number = load(24, as: Int64.self)
        let stream = Int(load(64, as: UInt32.self))
        let streamCount = Int(load(68, as: UInt32.self))
        let nameBytes = Int(load(72, as: UInt32.self))
        let flags = load(76, as: UInt32.self)
        guard SegmentLayout.allows(segmentBytes: segment.count), stream < streamCount,
            0...Int64(Int32.max) ~= number, nameBytes <= SegmentLayout.maximumNodeNameBytes,
            load(12, as: UInt32.self) == SegmentLayout.headerBytes, flags <= 1,
            let node = String(validating: segment[80..<80 + nameBytes], as: UTF8.self)
        else {
            throw .damaged("the header holds numbers that the format does not have", at: 0)
        }
        let boot = BootID(
            high: load(48, as: UInt64.self).byteSwapped, low: load(56, as: UInt64.self).byteSwapped)
        self.init(
            identity: try JournalIdentity(
                node: node, incarnation: load(32, as: Int64.self), boot: boot,
                generation: load(40, as: Int64.self), isDurable: flags == 1),
            stream: stream, streamCount: streamCount, number: number, segmentBytes: segment.count)
    }

    /// Checks what must be right before any field means something.
    private static func checkFrame(of segment: UnsafeRawBufferPointer) throws(JournalError) {
        guard segment.count >= SegmentLayout.headerBytes else {
            throw .damaged("the header is cut off", at: segment.count)
        }
        guard segment.load(as: UInt64.self) == SegmentLayout.magic.littleEndian else {
            throw .damaged("this is no segment of a journal", at: 0)
        }
        let version = UInt32(littleEndian: segment.load(fromByteOffset: 8, as: UInt32.self))
        guard version == SegmentLayout.version else {
            throw JournalError(
                .unknownFormat, "format \(version) is not known, only \(SegmentLayout.version)",
                offset: 8)
        }
        guard seed(of: segment) == hash(of: segment) else {
            throw .damaged("the header does not match its hash", at: 0)
        }
        let (first, second) = SegmentLayout.markOffsets
        let marks = SegmentLayout.markBytes
        let gaps = [
            SegmentLayout.staticBytes + 8..<first, first + marks..<second,
            second + marks..<SegmentLayout.headerBytes,
        ]
        for gap in gaps {
            if let offset = segment.firstNonZero(in: gap) {
                throw .damaged("the header holds bytes that nobody wrote", at: offset)
            }
        }
    }
}
