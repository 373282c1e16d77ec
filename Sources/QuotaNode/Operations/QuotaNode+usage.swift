import QuotaEngine
public import QuotaLedger
public import QuotaModel

/// What a tenant may use and has used.
public struct TenantUsage: Sendable {
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

/// One page of the tenants that used a meter on a day.
public struct UsageListing: Sendable {
    /// The tenants, in the order of their ids.
    public let rows: [MeterDayUsage]
    /// How many tenants there are, and how many have used up a budget.
    public let totals: UsageTotals
    /// Whether more rows follow.
    public let isTruncated: Bool
    /// The instant at which budgets count as used up.
    public let exceededAt: Timestamp
}

extension QuotaNode {
    /// What a tenant may use and has used; never creates one.
    ///
    /// With a key, its own limits are shown besides the tenant's.
    public func usage(
        of tenant: TenantID,
        key: APIKeyID?
    ) async throws(NodeError) -> TenantUsage {
        try await usage(of: tenant, key: key) { _ in true }
    }

    /// The same of some limits.
    func usage(
        of tenant: TenantID,
        key: APIKeyID?,
        where isWanted: (Limit) -> Bool
    ) async throws(NodeError) -> TenantUsage {
        let now = clock()
        let found = try await asking { () async throws(LedgerError) in
            try await directory.entry(TenantEntry.ID(tenant: tenant, key: key), now: now)
        }
        guard let entry = found else { throw .tenantNotFound(tenant) }
        if let key, entry.key == nil { throw .keyNotFound(key) }
        let limits = overview(entry.entitlements).filter { isWanted($0.limit) }
        let demands = limits.map { Demand(limit: $0, amount: 0) }
        let view = try await leases.view(entry, demands)
        let statuses = zip(demands, view.states).map { $0.status(state: $1, now: view.now) }
        return TenantUsage(
            tenant: entry.tenant,
            plan: entry.entitlements.plan,
            limits: statuses.filter { $0.window.kind != .allocation },
            allocations: statuses.filter { $0.window.kind == .allocation },
            asOf: view.now,
            warnings: entry.entitlements.warnings)
    }

    /// All limits of the tenant, and the unlimited month of each counter that no budget of it
    /// bounds.
    private func overview(_ entitlements: Entitlements) -> [CompiledLimit] {
        let unbounded = directory.meters.values
            .filter { meter in
                meter.kind == .counter
                    && !entitlements.limits.contains { $0.isTenantBudget(of: meter.id) }
            }
            .map(\.id).sorted()
        return entitlements.counters + unbounded.map(entitlements.unlimitedMonth)
            + entitlements.allocations
    }

    /// The tenants that used a meter on a day; a tenant is exceeded as of now, or of the end of a
    /// past day.
    public func usageListing(
        of meter: MeterID,
        on date: CivilDate,
        page: UsagePage
    ) async throws(NodeError) -> UsageListing {
        guard directory.meter(meter) != nil else { throw .unknownMeter(meter, chargeIndex: nil) }
        let now = clock()
        let endOfDay = CivilDate(daysSinceEpoch: date.daysSinceEpoch + 1).startUTC
        // The last instant of the day: a budget whose period ends with it was used up on it.
        let instant = min(now, endOfDay.adding(nanoseconds: -1))
        try await leases.ifPossible { () async throws(NodeError) in
            try await leases.recallLast()
        }
        return try await asking { () async throws(LedgerError) in
            let more = UsagePage(after: page.after, offset: page.offset, limit: page.limit + 1)
            let rows = try await ledger.usage(of: meter, on: date, page: more)
            let totals = try await ledger.usageTotals(of: meter, on: date, exceededAt: instant)
            return UsageListing(
                rows: Array(rows.prefix(page.limit)), totals: totals,
                isTruncated: rows.count > page.limit, exceededAt: instant)
        }
    }

    /// Reads tenants into the caches before they ask.
    ///
    /// - Returns: how many were read, and those that do not exist.
    public func warm(
        _ tenants: [TenantID]
    ) async throws(NodeError) -> (warmed: Int, notFound: [TenantID]) {
        var notFound: [TenantID] = []
        for tenant in tenants {
            do {
                _ = try await usage(of: tenant, key: nil)
            } catch .tenantNotFound {
                notFound.append(tenant)
            }
        }
        return (tenants.count - notFound.count, notFound)
    }

    /// Reads the tenants that used something today or yesterday, by UTC, into the caches, as many
    /// as these hold.
    ///
    /// - Returns: how many were read.
    public func warmRecent() async throws(NodeError) -> Int {
        let today = now.date
        let dates = [today, CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)]
        var warmed: Set<TenantID> = []
        for date in dates {
            for meter in directory.meters.values.filter({ $0.kind == .counter }).map(\.id) {
                var after: TenantID?
                while warmed.count < settings.cacheSize {
                    let page = UsagePage(after: after, limit: Self.warmPage)
                    let rows = try await asking { () async throws(LedgerError) in
                        try await ledger.usage(of: meter, on: date, page: page)
                    }
                    for row in rows where warmed.count < settings.cacheSize {
                        guard warmed.insert(row.tenant).inserted else { continue }
                        let id = TenantEntry.ID(tenant: row.tenant, key: nil)
                        _ = try await asking { () async throws(LedgerError) in
                            try await directory.entry(id, now: now)
                        }
                    }
                    after = rows.last?.tenant
                    if rows.count < Self.warmPage { break }
                }
            }
        }
        return warmed.count
    }

    /// How many tenants are listed at once.
    private static var warmPage: Int { 1_000 }

    /// Forgets what is only kept to be fast; nothing consumed is forgotten by it.
    ///
    /// - Returns: how many entries were dropped.
    public func clearCaches(note: AuditDraft? = nil) async throws(NodeError) -> Int {
        if let note { _ = try await run(.touchKeys([:]), note.note(subject: "all")) }
        let dropped = directory.clear()
        verifiedKeys.clear()
        return try await asking { () async throws(LedgerError) in
            dropped + (try await ledger.dropCaches())
        }
    }

    /// Figures about the ledger.
    public func ledgerStatistics() async throws(NodeError) -> LedgerStatistics {
        try await leases.foldIfPossible()
        return try await asking { () async throws(LedgerError) in try await ledger.statistics() }
    }
}
