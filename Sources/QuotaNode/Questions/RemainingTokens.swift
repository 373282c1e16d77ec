public import QuotaModel

/// The AI tokens that a tenant's budgets leave it.
public struct RemainingTokens: Sendable {
    /// Why it is so many.
    public enum Reason: String, Sendable {
        /// A budget bounds them.
        case limit
        /// No enforced budget bounds them.
        case unlimited
        /// Tenant or key may use nothing.
        case suspended
    }

    /// What a request for one token would be told.
    public let decision: Decision

    /// The enforced budget that leaves the fewest; nil where none bounds them.
    public var tightest: LimitStatus? {
        decision.limits
            .filter { $0.window.kind == .budget && $0.mode == .enforce && !$0.isUnlimited }
            .min { ($0.remaining ?? .max) < ($1.remaining ?? .max) }
    }

    /// What it leaves; nil where none bounds them.
    public var units: Int64? { reason == .suspended ? 0 : tightest?.remaining }

    /// Why it is so many.
    public var reason: Reason {
        if decision.deniedBy?.reason == .suspended { return .suspended }
        return tightest == nil ? .unlimited : .limit
    }
}
