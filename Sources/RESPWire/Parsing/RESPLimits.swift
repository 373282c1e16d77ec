/// What a reply may have of everything; more is a protocol error.
public struct RESPLimits: Sendable, Hashable {
    /// How many aggregates may stand within one another.
    public var depth = 64
    /// How many bytes one bulk string may have: 64 MiB.
    public var bulkBytes = 64 << 20
    /// How many elements a reply may declare in all its aggregates together; a map's entry is two.
    public var elements = 1 << 20
    /// How many bytes a line may have, its type and its end not counted: 64 KiB.
    public var lineBytes = 64 << 10

    /// Creates the usual limits.
    public init() {}
}
