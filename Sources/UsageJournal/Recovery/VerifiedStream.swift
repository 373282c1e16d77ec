/// A stream that was found right, as far as it goes.
public struct VerifiedStream: Hashable, Sendable {
    /// Whose stream it is; the header of its last segment.
    public let header: SegmentHeader
    /// The segments that hold records to read, and the last one even if it holds none.
    public let segments: [VerifiedSegment]
    /// The position from which on its records have not been taken over.
    public let stored: JournalPosition
    /// The end of its last record.
    public let end: JournalPosition
    /// Whether it is all that was written.
    public let completeness: JournalCompleteness
}
