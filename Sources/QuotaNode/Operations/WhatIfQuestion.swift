public import QuotaModel

/// What a plan would have refused: which plan, whose use, and when.
public struct WhatIfQuestion: Sendable {
    /// Whose use is judged.
    public enum Tenants: Hashable, Sendable {
        /// That of one tenant, whatever plan it is on.
        case one(TenantID)
        /// That of the tenants whose limits are now those of a plan.
        case onPlan(PlanID)
    }

    /// The most rows of an answer.
    public static let maximumRows = 10_000

    /// The plan; it need not exist.
    public let plan: Plan
    /// Whose use is judged.
    public let tenants: Tenants
    /// The first instant whose refusals count.
    public let since: Timestamp
    /// The first instant that does not count; nil for now.
    public let until: Timestamp?
    /// The most rows of the answer.
    public let maximumRows: Int

    /// Creates a question.
    ///
    /// - Parameters:
    ///   - plan: the plan; it need not exist.
    ///   - tenants: whose use is judged; nil for the tenants on the plan of the same id.
    ///   - since: the first instant whose refusals count.
    ///   - until: the first instant that does not count; nil for now.
    ///   - maximumRows: the most rows of the answer, up to ``maximumRows``.
    public init(
        plan: Plan,
        tenants: Tenants? = nil,
        since: Timestamp,
        until: Timestamp? = nil,
        maximumRows: Int = 1_000
    ) {
        self.plan = plan
        self.tenants = tenants ?? .onPlan(plan.id)
        self.since = since
        self.until = until
        self.maximumRows = min(max(0, maximumRows), Self.maximumRows)
    }
}
