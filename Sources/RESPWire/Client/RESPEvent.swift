/// What a client tells of its connections.
public enum RESPEvent: Sendable, Hashable {
    /// A connection to a server, as it began.
    public struct Connection: Sendable, Hashable {
        /// Where the server listens.
        public let endpoint: RESPEndpoint
        /// Which connection of this client it is, from 1; a later one has a greater number.
        public let generation: UInt64
        /// What the server told of itself.
        public let server: RESPServerInfo
    }

    /// Calls can be sent.
    case connected(Connection)
    /// A connection ended, or could not be made; it is going to be tried again.
    case disconnected(RESPEndpoint?, cause: RESPError)
    /// Other primaries serve the slots, or there are others.
    case topologyChanged([RESPShard])
}
