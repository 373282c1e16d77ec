/// Why no further record could be read from a segment.
public enum SegmentEnd: Hashable, Sendable {
    /// The bound of the reading.
    case reached
    /// A slot that no record was finished in: its commit word is 0.
    case blank
    /// The slot that says that the stream goes on in the next segment.
    case sealed
    /// A commit word that does not match what it stands for.
    case damaged
}
