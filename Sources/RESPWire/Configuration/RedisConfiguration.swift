/// Where Redis is, and how a client behaves towards it.
public struct RedisConfiguration: Sendable, Hashable {
    /// The port of Redis where a URL names none.
    public static let usualPort = 6_379
    /// The port of Sentinel where a URL names none.
    public static let usualSentinelPort = 26_379

    /// The servers to begin with: one, several of a cluster, or the sentinels.
    public var endpoints: [RESPEndpoint]
    /// The name of the master to ask the sentinels for; nil where the endpoints are no sentinels.
    public var sentinelMaster: String?
    /// The user; nil for the one named `default`.
    public var username: String?
    /// The password; nil where none is wanted.
    public var password: String?
    /// The user by which sentinels are asked; nil for `default`.
    public var sentinelUsername: String?
    /// The password by which sentinels are asked; nil where they want none.
    public var sentinelPassword: String?
    /// The number of the database; a cluster has only 0.
    public var database = 0
    /// How TLS is spoken; nil for none.
    public var tls: RedisTLS?
    /// What connections are called in the server's `CLIENT LIST`; without blanks.
    public var clientName: String?

    /// How long a connection may take, with TLS and authentication.
    public var connectTimeout = Duration.seconds(2)
    /// How old the oldest unanswered call may become before its connection is closed.
    ///
    /// It must be longer than the longest call that is made.
    public var stallTimeout = Duration.seconds(1)
    /// How many calls may be under way on a connection, and how many may wait for the first one,
    /// or for the event loop.
    public var maximumCallsInFlight = 16_384
    /// The first and the longest wait before connecting again.
    public var reconnectWaits = Backoff.Bounds()
    /// How often a connection that is subscribed is tried.
    ///
    /// One that is dead is noticed within this and ``stallTimeout`` together.
    public var keepalive = Duration.seconds(5)
    /// What a reply may have of everything.
    public var limits = RESPLimits()

    /// Creates the configuration of one server, or of several of a cluster.
    public init(endpoints: [RESPEndpoint]) {
        self.endpoints = endpoints
    }
}

extension RedisConfiguration: CustomStringConvertible {
    /// The URL without user and password.
    public var description: String {
        let scheme = (tls == nil ? "redis" : "rediss") + (sentinelMaster == nil ? "" : "+sentinel")
        let secret = username == nil && password == nil ? "" : "***@"
        let hosts = endpoints.map(\.description).joined(separator: ",")
        let master = sentinelMaster.map { "/\($0)" } ?? ""
        let number = database == 0 ? "" : "/\(database)"
        return "\(scheme)://\(secret)\(hosts)\(master)\(number)"
    }
}
