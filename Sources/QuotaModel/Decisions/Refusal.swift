/// Why a request was refused, and what would help.
public struct Refusal: Hashable, Sendable {
    /// The kind of reason.
    public enum Reason: String, Hashable, Sendable {
        /// A budget or an allocation is spent.
        case quotaExceeded = "quota_exceeded"
        /// A rate is spent for the moment.
        case rateExceeded = "rate_exceeded"
        /// Too many requests at once.
        case concurrencyExceeded = "concurrency_exceeded"
        /// The tenant or key is suspended.
        case suspended
        /// The ledger can't be asked.
        case unavailable
    }

    /// The smallest plan that would have let the request through.
    public struct Upgrade: Hashable, Sendable {
        /// The plan.
        public let plan: PlanID
        /// Its quantity for the limit that refused; nil is unlimited.
        public let limit: Int64?

        /// Creates an upgrade.
        public init(plan: PlanID, limit: Int64?) {
            self.plan = plan
            self.limit = limit
        }
    }

    /// The name of the limit; nil when no limit refused but something else did.
    public let limitID: String?
    /// The units asked for.
    public let requested: Int64
    /// The units that could have been taken.
    public let available: Int64
    /// Nanoseconds until a retry can succeed; nil when waiting does not help.
    public let retryAfterNanoseconds: Int64?
    /// The kind of reason.
    public let reason: Reason
    /// The smallest plan that would have let the request through.
    public let upgrade: Upgrade?

    /// Creates a refusal.
    public init(
        limitID: String?,
        requested: Int64,
        available: Int64,
        retryAfterNanoseconds: Int64?,
        reason: Reason,
        upgrade: Upgrade?
    ) {
        self.limitID = limitID
        self.requested = requested
        self.available = available
        self.retryAfterNanoseconds = retryAfterNanoseconds
        self.reason = reason
        self.upgrade = upgrade
    }
}
