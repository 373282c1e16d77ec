/// The answer to "may this tenant use this?".
public struct Decision: Hashable, Sendable {
    /// Whether the request may go on.
    public let isAllowed: Bool
    /// Whether limits are enforced at all.
    public let isEnforced: Bool
    /// The id of this decision; usage is booked under it.
    public let id: String
    /// The tenant asked about.
    public let tenant: TenantID
    /// The API key that asked; nil when use is not bound to a key.
    public let key: APIKeyID?
    /// The plan whose limits hold.
    public let plan: PlanID
    /// The instant the figures are of.
    public let asOf: Timestamp
    /// Every limit that applies to the request.
    public let limits: [LimitStatus]
    /// The limit that refused.
    public let deniedBy: Refusal?
    /// All limits that would refuse, by name.
    public let violated: [String]
    /// What the caller should know.
    public let warnings: [String]

    /// Creates a decision.
    public init(
        isAllowed: Bool,
        isEnforced: Bool,
        id: String,
        tenant: TenantID,
        key: APIKeyID?,
        plan: PlanID,
        asOf: Timestamp,
        limits: [LimitStatus],
        deniedBy: Refusal? = nil,
        violated: [String] = [],
        warnings: [String] = []
    ) {
        self.isAllowed = isAllowed
        self.isEnforced = isEnforced
        self.id = id
        self.tenant = tenant
        self.key = key
        self.plan = plan
        self.asOf = asOf
        self.limits = limits
        self.deniedBy = deniedBy
        self.violated = violated
        self.warnings = warnings
    }
}
