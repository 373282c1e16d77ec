/// The sizes of the format; `Documentation/journal-format.md` has all of it.
public enum SegmentLayout {
    /// A segment begins with a header of one page; its first record follows.
    public static let headerBytes = 4_096
    /// A record fills one slot, its extension the next ones.
    public static let slotBytes = 64
    /// The most bytes that a record may have as its extension.
    public static let maximumExtensionBytes = 64 * 1_024
    /// The most bytes of a node's name.
    public static let maximumNodeNameBytes = 128
    /// The smallest segment: its header and a page of records.
    public static let smallestSegmentBytes = 8_192
    /// The largest segment.
    public static let largestSegmentBytes = 1 << 30
    /// The format that this code reads and writes.
    public static let version: UInt32 = 1

    /// "WEIRJNL1", as it stands in the file.
    static let magic: UInt64 = 0x314c_4e4a_5249_4557
    /// The part of the header that is written once, and where its hash stands.
    static let staticBytes = 448
    /// Where the two sync marks stand: each in a disk sector of its own.
    static let markOffsets = (1_024, 2_048)
    /// The bytes of a sync mark.
    static let markBytes = 32
    /// The field `reserved` of a segment's last slot, which says that nothing follows.
    static let sealTag: UInt64 = 1

    /// Whether a segment may have this size.
    static func allows(segmentBytes: Int) -> Bool {
        segmentBytes % headerBytes == 0
            && smallestSegmentBytes...largestSegmentBytes ~= segmentBytes
    }

    /// Bytes that an extension fills in its segment.
    @inline(__always)
    static func padded(_ extensionBytes: Int) -> Int {
        (extensionBytes + slotBytes - 1) & ~(slotBytes - 1)
    }
}
