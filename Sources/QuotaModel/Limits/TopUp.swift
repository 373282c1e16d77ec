/// Units that a tenant was given or has bought on top of a limit.
public struct TopUp: Hashable, Sendable {
    /// The priority below which units are used before the limit's own, and from which on after.
    public static let planPriority = 50
    /// The priorities there are.
    public static let priorities = 0...100
    /// The most top-ups that one limit has at a time.
    public static let maximumPerLimit = 256

    /// The id.
    public let id: TopUpID
    /// The units there were at first.
    public let granted: Int64
    /// The units that were left when the period began, or when it was granted in it; when it has
    /// expired, those that were used of it.
    public var units: Int64
    /// When it is used: the lower the earlier, below ``planPriority`` before the limit's own units.
    public let priority: Int
    /// When its unused units are gone; nil for never.
    public let expiresAt: Timestamp?
    /// When it was granted.
    public let grantedAt: Timestamp
    /// Why it was granted.
    public let reason: String?
    /// Whether what was left has expired.
    public var hasLapsed: Bool

    /// Creates a top-up.
    public init(
        id: TopUpID,
        granted: Int64,
        units: Int64? = nil,
        priority: Int = planPriority,
        expiresAt: Timestamp? = nil,
        grantedAt: Timestamp,
        reason: String? = nil,
        hasLapsed: Bool = false
    ) {
        self.id = id
        self.granted = granted
        self.units = units ?? granted
        self.priority = priority
        self.expiresAt = expiresAt
        self.grantedAt = grantedAt
        self.reason = reason
        self.hasLapsed = hasLapsed
    }
}
