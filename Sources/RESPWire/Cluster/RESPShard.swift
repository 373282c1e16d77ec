/// A primary of a cluster and the slots it serves; a server by itself is one that serves all.
public struct RESPShard: Sendable, Hashable {
    /// The node's id; for a server by itself its run id, or its endpoint where that is not known.
    ///
    /// Empty for a node that was named by a redirection and not described yet.
    public let id: String
    /// Where it listens.
    public let endpoint: RESPEndpoint
    /// The slots it serves, as ranges in their order.
    public var slots: [ClosedRange<UInt16>]

    /// Creates a shard.
    public init(id: String, endpoint: RESPEndpoint, slots: [ClosedRange<UInt16>]) {
        self.id = id
        self.endpoint = endpoint
        self.slots = slots
    }
}
