/// A segment of a stream that was found right.
public struct VerifiedSegment: Hashable, Sendable {
    /// Its number in the stream.
    public let number: Int64
    /// The name of its file.
    public let file: String
    /// The end of its last record, in bytes from the file's start.
    public let recordsEnd: Int
}
