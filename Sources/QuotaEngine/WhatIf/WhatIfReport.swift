public import QuotaModel

/// What a plan would have refused, over many tenants.
public struct WhatIfReport: Sendable {
    /// What one limit would have refused one tenant.
    public struct Row: Hashable, Sendable {
        /// The tenant.
        public let tenant: TenantID
        /// The limit's place in the plan.
        public let limit: Int
        /// What was refused.
        public let refused: WhatIfRefusals.OfLimit
    }

    /// What one limit would have refused all tenants.
    public struct LimitSum: Hashable, Sendable {
        /// How many tenants.
        public var tenants = 0
        /// How many requests.
        public var requests: Int64 = 0
        /// How many units.
        public var units: Int64 = 0
    }

    /// The plan.
    public let plan: WhatIfPlan
    /// The first instant whose refusals count.
    public let since: Timestamp
    /// The first instant that does not count.
    public let until: Timestamp
    /// The most rows that are kept.
    public let maximumRows: Int
    /// Tenants that were judged.
    public private(set) var tenants = 0
    /// Those that an enforced limit would have refused something.
    public private(set) var refusedTenants = 0
    /// Those that belong to an organization, whose shared limits are not judged.
    public private(set) var organizationTenants = 0
    /// Requests that an enforced limit would have refused, each counted once.
    public private(set) var refusedRequests: Int64 = 0
    /// Rows of recorded use that were read.
    public private(set) var rowsRead: Int64 = 0
    /// Corrections and imports among them.
    public private(set) var corrections: Int64 = 0
    /// What each limit would have refused, in the plan's order.
    public private(set) var limits: [LimitSum]
    /// What each limit would have refused each tenant, by tenant and the plan's order; only where
    /// there is something.
    public private(set) var rows: [Row] = []
    /// Whether there are more rows than are kept; sums count all.
    public private(set) var isTruncated = false

    /// A report of nothing.
    public init(_ plan: WhatIfPlan, since: Timestamp, until: Timestamp, maximumRows: Int) {
        self.plan = plan
        self.since = since
        self.until = until
        self.maximumRows = maximumRows
        limits = Array(repeating: LimitSum(), count: plan.plan.limits.count)
    }

    /// Adds a tenant.
    public mutating func add(_ refusals: WhatIfRefusals, isInOrganization: Bool) {
        tenants += 1
        if isInOrganization { organizationTenants += 1 }
        if refusals.isRefused { refusedTenants += 1 }
        refusedRequests = refusedRequests.addingClamped(refusals.requests)
        rowsRead = rowsRead.addingClamped(refusals.rows)
        corrections = corrections.addingClamped(refusals.corrections)
        for (index, refused) in refusals.limits.enumerated()
        where refused.requests > 0 && index < limits.count {
            limits[index].tenants += 1
            limits[index].requests = limits[index].requests.addingClamped(refused.requests)
            limits[index].units = limits[index].units.addingClamped(refused.units)
            if rows.count < maximumRows {
                rows.append(Row(tenant: refusals.tenant, limit: index, refused: refused))
            } else {
                isTruncated = true
            }
        }
    }
}
