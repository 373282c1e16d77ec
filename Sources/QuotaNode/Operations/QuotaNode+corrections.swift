import QuotaCalendar
public import QuotaEngine
public import QuotaLedger
public import QuotaModel

/// A correction of a tenant's use, as it was booked.
public struct Adjustment: Sendable {
    /// The id it is booked under.
    public let id: String
    /// When it was booked.
    public let at: Timestamp
    /// The budgets of the meter after it.
    public let limits: [LimitStatus]
    /// False for a repeat of one that was booked before.
    public let isNew: Bool
}

/// What became of a suspect grant.
public enum Resolution: Sendable {
    /// It was a reservation's, which stands like this now.
    case reservation(Reservation)
    /// It was a lease of a node that is over, which stands like this now.
    case lease(LeaseRecord)
}

extension QuotaNode {
    // MARK: Overrides

    /// An override; also one that has expired.
    public func override(_ id: LimitOverride.ID) async throws(NodeError) -> LimitOverride {
        _ = try await tenant(id.tenant)
        let all = try await overrides(
            of: id.tenant, after: nil, limit: LimitOverride.maximumPerTenant)
        guard let found = all.first(where: { $0.id == id }) else {
            throw .notFound("override of \(id.meter.text)/\(id.window.rawValue)")
        }
        return found
    }

    /// Overrides in the order of their ids, after `id`; of one tenant, or all.
    public func overrides(
        of tenant: TenantID?,
        after id: LimitOverride.ID?,
        limit: Int
    ) async throws(NodeError) -> [LimitOverride] {
        if let tenant { _ = try await self.tenant(tenant) }
        return try await asking { () async throws(LedgerError) in
            try await ledger.overrides(of: tenant, after: id, limit: limit)
        }
    }

    /// Sets an override; it holds at once.
    ///
    /// - Parameters:
    ///   - id: the limit.
    ///   - effect: what it makes of the limit.
    ///   - expiresAt: when the plan's limit holds again.
    ///   - periods: instead of `expiresAt`: for how many periods, that of its start counted.
    ///   - author: who wants it.
    ///   - createdAt: when it was set on another server, from which it comes; nil for now.
    ///   - note: what is kept of the change.
    /// - Returns: the override, whether there was none before, and what is odd about it, in words.
    /// - Throws: `invalid` for a window that the meter can't have, a time that is over, and one in
    ///   which another override of the limit holds; `tenantNotFound`.
    public func putOverride(
        _ id: LimitOverride.ID,
        effect: LimitOverride.Effect,
        expiresAt: Timestamp?,
        periods: Int64?,
        author: String? = nil,
        createdAt: Timestamp? = nil,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> (override: LimitOverride, isNew: Bool, warnings: [String]) {
        try checkWindow(id.window, of: id.meter)
        let tenant = try await tenant(id.tenant)
        var end = expiresAt
        if let periods {
            let last = try await self.end(of: periods, id, tenant)
            end = min(expiresAt ?? last, last)
        }
        let override = LimitOverride(
            id: id, effect: effect, expiresAt: end, createdAt: createdAt ?? now,
            reason: note?.reason, author: author)
        let note = note?.note(subject: id.tenant.text, tenant: id.tenant)
        var isNew: Bool
        try await openCarrying(of: id.tenant)
        while true {
            let known = try await overrides(
                of: id.tenant, after: nil, limit: LimitOverride.maximumPerTenant)
            isNew = !known.contains { $0.id == id }
            if isNew, known.count >= LimitOverride.maximumPerTenant {
                throw .conflict("a tenant can have \(LimitOverride.maximumPerTenant) overrides")
            }
            do {
                try OverrideCheck.check(override, beside: known, now: now)
            } catch {
                throw .invalid(field: error.field, error.detail)
            }
            let answer = try await run(
                isNew ? .createOverride(override) : .putOverride(override), note)
            switch answer {
            // Somebody else was faster: what is there now decides.
            case .stale, .alreadyExists: continue
            case .changed: break
            default: throw .tenantNotFound(id.tenant)
            }
            break
        }
        directory.forget(id.tenant)
        try await refresh(id.tenant)
        return (override, isNew, warnings(of: override, tenant))
    }

    /// What is odd about an override, in words.
    private func warnings(of override: LimitOverride, _ tenant: Tenant) -> [String] {
        guard case .multiplier = override.effect else { return [] }
        let id = override.id
        let plan = directory.resolvePlan(tenant, now: max(now, override.startsAt)).plan
        let isPlanned = plan.limits.contains { limit in
            limit.scope == .tenant && limit.meter == id.meter && limit.window == id.window
                && limit.quantity != nil
        }
        if isPlanned { return [] }
        return [
            "plan \"\(plan.id.text)\" gives no bound to \(id.meter.text)/\(id.window.rawValue) of "
                + "which this could be a part or a multiple; it does nothing there"
        ]
    }

    /// The end of the last of `periods` periods of a limit, the current one counted.
    private func end(
        of periods: Int64,
        _ id: LimitOverride.ID,
        _ tenant: Tenant
    ) async throws(NodeError) -> Timestamp {
        // The current period is that of the account, where there is one.
        let accounts = try await asking { () async throws(LedgerError) in
            try await ledger.accounts(of: id.tenant)
        }
        let start = id.startsAt ?? now
        let current =
            accounts.filter {
                $0.isTenantScope && $0.meter == id.meter && $0.window == id.window
            }
            .map(\.period).filter { $0.contains(start) }.map(\.end).max()
        do {
            return try OverrideCheck.end(
                of: periods, window: id.window, from: start, tenant: tenant, current: current)
        } catch {
            throw .invalid(field: error.field, error.detail)
        }
    }

    /// Deletes an override; the plan's quantity holds again at once.
    public func deleteOverride(
        _ id: LimitOverride.ID,
        note: AuditDraft? = nil
    ) async throws(NodeError) {
        _ = try await override(id)
        try await openCarrying(of: id.tenant)
        let note = note?.note(subject: id.tenant.text, tenant: id.tenant)
        guard case .changed = try await run(.deleteOverride(id), note) else {
            throw .notFound("override of \(id.meter.text)/\(id.window.rawValue)")
        }
        directory.forget(id.tenant)
        try await refresh(id.tenant)
    }

    private func checkWindow(_ window: Window, of meter: MeterID) throws(NodeError) {
        guard let known = directory.meter(meter) else {
            throw .invalid(field: "meter", "\"\(meter.text)\" does not exist")
        }
        guard (known.kind == .allocation) == (window.kind == .allocation) else {
            throw .invalid(
                field: "window",
                known.kind == .allocation
                    ? "must be \"none\": \(meter.text) is an allocation"
                    : "\"none\" is for allocations; \(meter.text) is a counter")
        }
    }

    // MARK: Reset

    /// Ends the current period of a limit now, archives it, and begins one at full capacity.
    public func reset(
        _ id: LimitOverride.ID,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> (closed: AccountRecord?, opened: AccountRecord?) {
        guard let meter = directory.meter(id.meter) else {
            throw .invalid(field: "meter", "\"\(id.meter.text)\" does not exist")
        }
        let entry = try await entry(id.tenant)
        if meter.kind == .allocation || id.window.kind == .allocation {
            throw .conflict(
                "allocations have no period to reset; release units with /api/v1/allocations")
        }
        if id.window.kind == .concurrency {
            throw .conflict(
                "what is held at once has no period to reset; settle or void the reservations")
        }
        let limit = entry.entitlements.limit(of: id.meter, window: id.window)
        let command = ResetCommand(tenant: id.tenant, limit: limit, calendar: entry.calendar)
        try await leases.recall(id.tenant)
        let answer = try await run(
            .reset(command), note?.note(subject: id.tenant.text, tenant: id.tenant))
        directory.forget(id.tenant)
        leases.fillBucket(limit.accountKey(of: id.tenant), of: entry.tenant)
        // What was leased meanwhile is of the period that is over.
        try await leases.recall(id.tenant)
        switch answer {
        case .reset(.done(let closed, let opened)): return (closed, opened)
        case .reset(.tooSoon):
            throw .conflict("the current period has begun this instant; there is nothing to close")
        default: throw .mismatch
        }
    }

    func entry(_ id: TenantID) async throws(NodeError) -> TenantEntry {
        let found = try await asking { () async throws(LedgerError) in
            try await directory.entry(TenantEntry.ID(tenant: id, key: nil), now: now)
        }
        guard let found else { throw .tenantNotFound(id) }
        return found
    }

    // MARK: Corrections

    /// Says what was used of a grant whose holder fell silent.
    ///
    /// - Returns: the grant's reservation, or the lease that it is.
    public func resolve(
        _ grant: GrantID,
        used: Int64,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> Resolution {
        try await fold()
        let answer = try await run(
            .resolve(ResolveCommand(grant: grant, used: used)),
            note?.note(subject: grant.text))
        guard case .concluded(let concluded) = answer else { throw .mismatch }
        switch concluded {
        case .done(let reservation):
            try await leases.recall(reservation.tenant)
            return .reservation(reservation)
        case .leaseResolved(let lease):
            try await leases.recall(lease.tenant)
            return .lease(lease)
        case .notFound: throw .notFound("grant \"\(grant.text)\"")
        case .heldBy(let holder):
            throw .conflict("node \"\(holder.name)\" holds the grant and may still report")
        case .refused: throw .conflict("grant \"\(grant.text)\" is not suspect")
        case .outOfRange: throw .invalid(field: "used", NodeError.outOfRangeDetail)
        }
    }

    /// Adds to what a tenant has used in its current periods, or takes back.
    ///
    /// - Parameters:
    ///   - tenant: whose use.
    ///   - meter: what is counted.
    ///   - amount: the units; negative is a credit.
    ///   - idempotencyKey: set when it must be booked once however often it is asked.
    ///   - note: what is kept of the change.
    /// - Returns: the correction as it was booked, now or before.
    /// - Throws: `invalid` for more than can be taken back, `idempotencyKeyReused`.
    public func adjust(
        _ tenant: TenantID,
        meter: MeterID,
        amount: Int64,
        idempotencyKey: ExactString?,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> Adjustment {
        guard let known = directory.meter(meter) else {
            throw .invalid(field: "meter", "\"\(meter.text)\" does not exist")
        }
        guard known.kind == .counter else {
            throw .invalid(
                field: "meter",
                "\"\(meter.text)\" is an allocation; set it with /api/v1/allocations")
        }
        let entry = try await entry(tenant)
        let id = idempotencyKey.map { "a_" + $0.text } ?? identity.adjustmentID(at: now)
        let command = AdjustCommand(
            tenant: tenant, meter: meter, amount: amount, demands: entry.budgets(of: meter),
            calendar: entry.calendar, organizationCalendar: entry.organizationCalendar, id: id,
            metadata: note?.details)
        try await leases.recall(tenant)
        let answer = try await run(
            .adjust(command), note?.note(subject: id, tenant: tenant))
        try await leases.recall(tenant)
        guard case .adjusted(let adjusted) = answer else { throw .mismatch }
        switch adjusted {
        case .done(let states, let at, let isNew):
            let limits = zip(command.demands, states).map { $0.status(state: $1, now: now) }
            return Adjustment(id: id, at: at, limits: limits, isNew: isNew)
        case .tooMuch(let most):
            throw .invalid(
                field: "amount",
                "takes back more than the \(most) units that were used in the longest period")
        case .idReused: throw .idempotencyKeyReused
        case .outOfRange: throw .invalid(field: "amount", NodeError.outOfRangeDetail)
        }
    }
}

extension TenantEntry {
    /// The budgets that all use of a meter counts in: the tenant's and its organization's.
    func budgets(of meter: MeterID) -> [Demand] {
        entitlements.applicable(to: [meter], model: nil)
            .filter { limit in
                guard limit.limit.window.kind == .budget else { return false }
                return limit.limit.scope == .tenant || limit.limit.scope == .organization
            }
            .map { Demand(limit: $0, amount: 0) }
    }

    /// The budgets that use of a meter and model by the entry's key counts in.
    func allBudgets(of meter: MeterID, model: ModelName?) -> [Demand] {
        entitlements.applicable(to: [meter], model: model)
            .filter { $0.limit.window.kind == .budget }.map { Demand(limit: $0, amount: 0) }
    }
}
