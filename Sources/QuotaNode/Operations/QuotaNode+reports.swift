public import QuotaEngine
public import QuotaLedger
public import QuotaModel

// Lists for administrators.
extension QuotaNode {
    /// The periods of a tenant's limits, newest first.
    public func periods(_ page: PeriodPage) async throws(NodeError) -> [PeriodRecord] {
        _ = try await tenant(page.tenant)
        try await leases.ifPossible { () async throws(NodeError) in
            try await leases.recall(page.tenant)
        }
        let now = now
        return try await asking { () async throws(LedgerError) in try await ledger.periods(page) }
            .map { $0.shown(at: now) }
    }

    /// The units that a tenant used, by day, key, model or meter alone.
    public func usageSums(_ page: UsageSumPage) async throws(NodeError) -> [UsageGroup] {
        _ = try await tenant(page.tenant)
        try await leases.foldIfPossible()
        return try await asking { () async throws(LedgerError) in
            try await ledger.usageSums(page)
        }
    }

    /// The events of a tenant, newest first.
    public func events(_ page: EventPage) async throws(NodeError) -> [UsageEvent] {
        _ = try await tenant(page.tenant)
        try await leases.foldIfPossible()
        return try await asking { () async throws(LedgerError) in try await ledger.events(page) }
    }

    /// What a tenant holds of each allocation, in the order of the meters.
    public func allocations(
        of tenant: TenantID
    ) async throws(NodeError) -> [(meter: MeterID, units: Int64)] {
        let accounts = try await asking { () async throws(LedgerError) in
            try await ledger.accounts(of: tenant)
        }
        return
            accounts.filter {
                $0.isTenantScope && $0.window.kind == .allocation && $0.account.posted > 0
            }
            .map { (meter: $0.meter, units: $0.account.posted) }
    }

    /// Reservations that hold units, the soonest to expire first.
    public func heldReservations(
        of tenant: TenantID?,
        after place: ReservationPlace?,
        limit: Int
    ) async throws(NodeError) -> [Reservation] {
        try await leases.foldIfPossible()
        return try await asking { () async throws(LedgerError) in
            try await ledger.heldReservations(of: tenant, after: place, limit: limit)
        }
    }

    /// Grants whose holder fell silent.
    public func suspectGrants(
        of tenant: TenantID?,
        after place: GrantID?,
        limit: Int
    ) async throws(NodeError) -> [SuspectGrant] {
        try await leases.foldIfPossible()
        return try await asking { () async throws(LedgerError) in
            try await ledger.suspectGrants(of: tenant, after: place, limit: limit)
        }
    }

    /// Administrators' changes, newest first.
    public func audit(
        _ filter: AuditFilter,
        before number: Int64?,
        limit: Int
    ) async throws(NodeError) -> [AuditEntry] {
        try await asking { () async throws(LedgerError) in
            try await ledger.audit(filter, before: number, limit: limit)
        }
    }
}

extension PeriodRecord {
    /// The period as it is: one that is over takes nothing more, be it that nobody said so yet.
    fileprivate func shown(at now: Timestamp) -> PeriodRecord {
        guard record.account.state == .open, record.period.end <= now else { return self }
        var record = record
        record.account.advance(to: .closing)
        return PeriodRecord(record: record, closedAt: closedAt)
    }
}
