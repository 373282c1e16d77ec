/// What a server told of itself when a connection to it began.
public struct RESPServerInfo: Sendable, Hashable {
    /// What Redis calls a way to run; others than those named here exist.
    public struct Mode: RawRepresentable, Sendable, Hashable {
        /// The way's name.
        public let rawValue: String

        /// Creates a mode from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// A server by itself, with or without replicas.
        public static let standalone = Self(rawValue: "standalone")
        /// A node of a cluster.
        public static let cluster = Self(rawValue: "cluster")
        /// A sentinel, which holds no data.
        public static let sentinel = Self(rawValue: "sentinel")
    }

    /// The version of RESP that is spoken: 2 or 3.
    public var protocolVersion = 2
    /// The version of the server; empty where it did not tell.
    public var version = ""
    /// How it runs.
    public var mode = Mode.standalone
    /// Whether it takes writes, rather than being a replica; true where it did not tell.
    public var isMaster = true
    /// What changes when the server is started anew; nil where we may not know it.
    public var runID: String?

    /// Creates what is known before anything was told.
    public init() {}
}
