import QuotaEngine
public import QuotaModel
import QuotaNode

extension Weir {
    /// Whose use a what-if judges.
    public enum WhatIfTenants: Hashable, Sendable {
        /// That of one tenant, whatever plan it is on.
        case one(TenantID)
        /// That of the tenants whose limits are now those of a plan.
        case onPlan(PlanID)
    }

    /// What a plan would have refused.
    public struct WhatIf: Hashable, Sendable {
        /// What one limit would have refused one tenant.
        public struct Refusals: Hashable, Sendable {
            /// The tenant.
            public let tenant: TenantID
            /// The limit.
            public let limit: Limit
            /// How many requests; of use that is recorded by the hour an estimate.
            public let requests: Int64
            /// How many units.
            public let units: Int64
            /// When the first was.
            public let first: Timestamp?
            /// When the last was.
            public let last: Timestamp?
        }

        /// Tenants that were judged.
        public let tenants: Int
        /// Those that an enforced limit would have refused something.
        public let refusedTenants: Int
        /// Requests that an enforced limit would have refused.
        public let refusedRequests: Int64
        /// What each limit would have refused each tenant.
        public let refusals: [Refusals]
        /// Whether there are more than are listed; sums count all.
        public let isTruncated: Bool
        /// What the answer can't know, for people.
        public let notes: [String]
    }

    /// Tells whom a plan would have refused, when, and by which limit; changes nothing.
    ///
    /// - Parameters:
    ///   - plan: the plan, which need not exist.
    ///   - since: the first instant whose refusals count.
    ///   - until: the first instant that does not count; nil for now.
    ///   - tenants: whose use is judged; nil for the tenants on the plan of the same id.
    ///   - limit: the most rows, 0 to 10,000.
    /// - Returns: what was found in the recorded use.
    /// - Throws: ``WeirError``: `invalid`, and `conflict` while another one is under way.
    public func whatIf(
        _ plan: Plan,
        since: Timestamp,
        until: Timestamp? = nil,
        tenants: WhatIfTenants? = nil,
        limit: Int = 1_000
    ) async throws(WeirError) -> WhatIf {
        guard (0...WhatIfQuestion.maximumRows).contains(limit) else {
            throw .invalid("limit", "must be 0 to \(WhatIfQuestion.maximumRows)")
        }
        try RequestCheck.limits(plan.limits, meters: try openNode().meters)
        let whose: WhatIfQuestion.Tenants? =
            switch tenants {
            case .one(let tenant): .one(tenant)
            case .onPlan(let plan): .onPlan(plan)
            case nil: nil
            }
        let question = WhatIfQuestion(
            plan: plan, tenants: whose, since: since, until: until, maximumRows: limit)
        let report = try await asking { (node) async throws(NodeError) in
            try await node.whatIf(question)
        }
        return WhatIf(report)
    }
}

extension Weir.WhatIf {
    init(_ report: WhatIfReport) {
        self.init(
            tenants: report.tenants, refusedTenants: report.refusedTenants,
            refusedRequests: report.refusedRequests,
            refusals: report.rows.map { row in
                Refusals(
                    tenant: row.tenant, limit: report.plan.plan.limits[row.limit],
                    requests: row.refused.requests, units: row.refused.units,
                    first: row.refused.first, last: row.refused.last)
            }, isTruncated: report.isTruncated, notes: report.notes)
    }
}
