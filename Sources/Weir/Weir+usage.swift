import QuotaLedger
public import QuotaModel
import QuotaNode

extension Weir {
    /// What a tenant may use and has used.
    public struct Usage: Hashable, Sendable {
        /// The tenant.
        public let tenant: Tenant
        /// The plan whose limits hold.
        public let plan: PlanID
        /// Budgets and rates.
        public let limits: [LimitStatus]
        /// What is held for good: seats, projects, storage.
        public let allocations: [LimitStatus]
        /// The instant the figures are of.
        public let asOf: Timestamp
        /// What the caller should know.
        public let warnings: [String]
    }

    /// The tenants that used a meter on a day: one page of them.
    public struct DayUsage: Hashable, Sendable {
        /// A tenant's day.
        public struct Row: Hashable, Sendable {
            /// The tenant.
            public let tenant: TenantID
            /// The units it used.
            public let units: Int64
            /// Whether a budget of the meter was used up, as of now or the end of a past day.
            public let isExceeded: Bool
        }

        /// The day, UTC.
        public let date: CivilDate
        /// The rows, in the order of the tenants' ids.
        public let rows: [Row]
        /// How many tenants used the meter on that day.
        public let totalTenants: Int
        /// How many of them have used up a budget of it.
        public let exceededTenants: Int
        /// Where the next page begins; nil when this is the last.
        public let nextOffset: Int?
    }

    /// What a tenant may use and has used.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - key: one of its keys, whose own limits are shown as well.
    /// - Returns: every limit with its figures.
    /// - Throws: ``WeirError``: `not_found`.
    public func usage(
        of tenant: TenantID,
        key: APIKeyID? = nil
    ) async throws(WeirError) -> Usage {
        let usage = try await asking { (node) async throws(NodeError) in
            try await node.usage(of: tenant, key: key)
        }
        return Usage(
            tenant: usage.tenant, plan: usage.plan, limits: usage.limits,
            allocations: usage.allocations, asOf: usage.asOf, warnings: usage.warnings)
    }

    /// What all tenants used on a day, a page at a time.
    ///
    /// - Parameters:
    ///   - date: the day, UTC; nil is today.
    ///   - limit: the most rows, 1 to 1,000.
    ///   - offset: how many rows to pass over.
    ///   - meter: what is counted.
    /// - Returns: one page, and the sums of all.
    /// - Throws: ``WeirError``.
    public func getAllUsage(
        date: CivilDate? = nil,
        limit: Int = 100,
        offset: Int = 0,
        meter: MeterID = .apiCalls
    ) async throws(WeirError) -> DayUsage {
        try RequestCheck.rows(limit)
        guard (0...Int(Int32.max)).contains(offset) else {
            throw .invalid("offset", "must be 0 to \(Int32.max)")
        }
        let today = try openNode().now.date
        let date = date ?? today
        let page = UsagePage(after: nil, offset: offset, limit: limit)
        let listing = try await asking { (node) async throws(NodeError) in
            try await node.usageListing(of: meter, on: date, page: page)
        }
        let rows = listing.rows.map { row in
            DayUsage.Row(
                tenant: row.tenant, units: row.units,
                isExceeded: row.exceededUntil.map { $0 > listing.exceededAt } ?? false)
        }
        return DayUsage(
            date: date, rows: rows, totalTenants: listing.totals.tenants,
            exceededTenants: listing.totals.exceeded,
            nextOffset: listing.isTruncated ? offset + rows.count : nil)
    }
}
