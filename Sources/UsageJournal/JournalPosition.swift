/// A place in a stream: what lies before it has been written, read or synced.
public struct JournalPosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The number of the segment, from 0.
    public let segment: Int64
    /// Bytes from the start of the segment's file.
    public let offset: Int

    /// Creates a position.
    ///
    /// - Precondition: the segment's number has 31 bits, the offset 32.
    public init(segment: Int64, offset: Int) {
        precondition(0...Int64(Int32.max) ~= segment, "a segment's number has 31 bits")
        precondition(0...Int(UInt32.max) ~= offset, "an offset in a segment has 32 bits")
        self.segment = segment
        self.offset = offset
    }

    /// Before the first record of a stream.
    public static let start = JournalPosition(segment: 0, offset: SegmentLayout.headerBytes)

    /// The position as one number, in the same order; see ``init(encoded:)``.
    public var encoded: Int64 { segment << 32 | Int64(offset) }

    /// A position that was kept as one number; nil when no position has that number.
    public init?(encoded: Int64) {
        guard encoded >= 0 else { return nil }
        self.init(segment: encoded >> 32, offset: Int(encoded & 0xffff_ffff))
    }

    /// The position in words, for logs.
    public var description: String { "\(segment):\(offset)" }

    /// Whether the first lies before the second.
    public static func < (first: Self, second: Self) -> Bool {
        (first.segment, first.offset) < (second.segment, second.offset)
    }
}
