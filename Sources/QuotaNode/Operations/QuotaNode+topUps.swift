import QuotaCalendar
import QuotaEngine
import QuotaLedger
public import QuotaModel

/// A top-up of another server.
public struct ImportedTopUp: Sendable {
    /// Whose limit.
    public let tenant: TenantID
    /// What is counted.
    public let meter: MeterID
    /// Over what time.
    public let window: Window
    /// The units.
    public let topUp: TopUp

    /// Creates a top-up.
    public init(tenant: TenantID, meter: MeterID, window: Window, topUp: TopUp) {
        self.tenant = tenant
        self.meter = meter
        self.window = window
        self.topUp = topUp
    }
}

extension QuotaNode {
    /// The id of a new top-up; the same for the same idempotency key.
    ///
    /// - Throws: `invalid` for a key that is too long for an id.
    public func topUpID(idempotencyKey key: String?) throws(NodeError) -> TopUpID {
        guard let key else { return TopUpID(trusted: identity.topUpID(at: now)) }
        do {
            return try TopUpID("g_" + key)
        } catch {
            throw .invalid(
                field: "idempotency_key", "becomes the grant's id, behind g_, which \(error)")
        }
    }

    /// Puts units on top of a limit of a tenant, in its current period and those after it until
    /// they are used or expire.
    ///
    /// - Parameters:
    ///   - topUp: the units; with the id of one that is there, nothing is changed.
    ///   - tenant: whose limit.
    ///   - meter: what is counted.
    ///   - window: over what time.
    ///   - note: what is kept of the change.
    /// - Returns: the top-up as it stands, and whether it is new.
    /// - Throws: `invalid` for a limit that can't have any, `conflict`, `tenantNotFound`.
    public func grant(
        _ topUp: TopUp,
        to tenant: TenantID,
        meter: MeterID,
        window: Window,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> (grant: AllowanceGrant, isNew: Bool) {
        if let end = topUp.expiresAt, end <= now {
            throw .invalid(field: "expires_at", "must lie in the future")
        }
        // An id names one top-up of the tenant, whatever its limit.
        let isOthers = try await records(of: tenant)
            .contains { record in
                (record.meter, record.window) != (meter, window)
                    && record.terms?.topUps.contains { $0.id == topUp.id } ?? false
            }
        if isOthers { throw .idempotencyKeyReused }
        let answer = try await run(.grant(topUp), tenant, meter, window, note)
        switch answer {
        case .done(let record, let isNew):
            guard let found = record.allowanceGrants.first(where: { $0.id == topUp.id }) else {
                throw .mismatch
            }
            return (found, isNew)
        case .spent(let record, let grantedAt):
            let spent = TopUp(
                id: topUp.id, granted: topUp.granted, units: 0, priority: topUp.priority,
                expiresAt: topUp.expiresAt, grantedAt: grantedAt, reason: topUp.reason)
            return (record.grant(topUp.id, .topUp(spent), 0), false)
        case .unlimited:
            throw .conflict("the limit has no bound, so that nothing can be put on top of it")
        case .tooMany:
            throw .conflict(
                "a limit can have \(TopUp.maximumPerLimit) top-ups in a period, also used up; "
                    + "grant more units by fewer, or set an override")
        case .idReused: throw .idempotencyKeyReused
        case .outOfRange: throw .invalid(field: "units", NodeError.outOfRangeDetail)
        case .notFound: throw .mismatch
        }
    }

    /// Lets what is left of a top-up expire now.
    public func revoke(
        _ id: TopUpID,
        of tenant: TenantID,
        note: AuditDraft? = nil
    ) async throws(NodeError) {
        let found = try await records(of: tenant)
            .first { $0.terms?.topUps.contains { $0.id == id && !$0.hasLapsed } ?? false }
        guard let found else { throw .notFound("grant \"\(id.text)\"") }
        let answer = try await run(.revoke(id), tenant, found.meter, found.window, note)
        guard case .done = answer else { throw .notFound("grant \"\(id.text)\"") }
    }

    /// The units on top of a tenant's limits, in their current periods.
    public func allowanceGrants(of tenant: TenantID) async throws(NodeError) -> [AllowanceGrant] {
        // What is leased and not used would count as used.
        try await leases.recall(tenant)
        return try await records(of: tenant).flatMap(\.allowanceGrants)
    }

    /// The top-ups of a tenant that its current periods began with, or were granted in them, also
    /// those of which nothing is left by now.
    public func topUps(of tenant: TenantID) async throws(NodeError) -> [AllowanceGrant] {
        try await allowanceGrants(of: tenant)
            .filter { grant in
                guard case .topUp(let topUp) = grant.kind else { return false }
                return !topUp.hasLapsed && topUp.units > 0
            }
    }

    /// Grants top-ups of another server; one whose id is there is skipped.
    ///
    /// `items` have their places in the caller's list.
    public func importTopUps(
        _ items: [(index: Int, topUp: ImportedTopUp)],
        note: AuditDraft?
    ) async throws(NodeError) -> ImportResult {
        var result = ImportResult()
        for (index, item) in items {
            do throws(NodeError) {
                let made = try await grant(
                    item.topUp, to: item.tenant, meter: item.meter, window: item.window)
                if made.isNew { result.created += 1 } else { result.skipped += 1 }
            } catch .idempotencyKeyReused {
                // It is there, and has gone its own way since.
                result.skipped += 1
            } catch {
                guard let detail = error.importDetail else { throw error }
                result.fail(index, detail)
            }
        }
        try await self.note(result, note)
        return result
    }

    /// The accounts of the current periods; also of those that nothing was used of yet, which have
    /// what is carried into them all the same.
    private func records(of tenant: TenantID) async throws(NodeError) -> [AccountRecord] {
        _ = try await self.tenant(tenant)
        let entry = try await entry(tenant)
        return try await asking { () async throws(LedgerError) in
            let open = try await ledger.accounts(of: tenant)
                .filter { $0.account.state == .open && $0.period.end > now }
            let unopened = entry.entitlements.limits.filter { limit in
                limit.limit.window.kind == .budget && limit.organization == nil
                    && !open.contains { $0.key == limit.accountKey(of: tenant) }
            }
            let looks = unopened.map { limit in
                LedgerCommand.topUp(
                    TopUpCommand(
                        tenant: tenant, limit: limit, calendar: entry.calendar, change: .look))
            }
            let found = looks.isEmpty ? [] : try await ledger.commit(looks)
            return open + found.compactMap(\.lookedAt)
        }
    }

    private func run(
        _ change: TopUpCommand.Change,
        _ tenant: TenantID,
        _ meter: MeterID,
        _ window: Window,
        _ note: AuditDraft?
    ) async throws(NodeError) -> TopUpAnswer {
        guard directory.meter(meter) != nil else {
            throw .invalid(field: "meter", "\"\(meter.text)\" does not exist")
        }
        guard window.kind == .budget else {
            throw .invalid(
                field: "window", "must be of a budget: day, week, month, year or lifetime")
        }
        let entry = try await entry(tenant)
        let limit = entry.entitlements.limit(of: meter, window: window)
        let command = TopUpCommand(
            tenant: tenant, limit: limit, calendar: entry.calendar, change: change,
            memoryNanoseconds: settings.idempotencyWindowNanoseconds)
        try await leases.recall(tenant)
        let answer = try await run(
            .topUp(command), note?.note(subject: tenant.text, tenant: tenant))
        directory.forget(tenant)
        try await leases.recall(tenant)
        guard case .toppedUp(let toppedUp) = answer else { throw .mismatch }
        return toppedUp
    }
}

extension LedgerAnswer {
    /// The account that a look has found.
    fileprivate var lookedAt: AccountRecord? {
        guard case .toppedUp(.done(let record, _)) = self else { return nil }
        return record
    }
}

extension AccountRecord {
    /// The units on top of the limit, with what is left of each.
    fileprivate var allowanceGrants: [AllowanceGrant] {
        guard let terms else { return [] }
        let left = terms.left(used: account.used, allowance: account.allowance)
        let topUps = zip(terms.topUps, left)
            .map { topUp, remaining in grant(topUp.id, .topUp(topUp), remaining) }
        let leftOfCarried = terms.carriedLeft(account)
        let carried = terms.carried.map { lot in
            let remaining = leftOfCarried.first {
                $0.originIndex == lot.originIndex && $0.age == lot.age
            }
            return grant(
                TopUpID(trusted: "carried/\(key.limit.text)/\(lot.originIndex).\(lot.age)"),
                .carried(
                    units: lot.units, age: lot.age, maximumAge: lot.maxAgePeriods,
                    policyVersion: lot.policyVersion),
                remaining?.units ?? 0)
        }
        return carried + topUps
    }

    fileprivate func grant(
        _ id: TopUpID,
        _ kind: AllowanceGrant.Kind,
        _ remaining: Int64
    ) -> AllowanceGrant {
        AllowanceGrant(
            id: id, limit: key.limit.text, meter: meter, window: window, kind: kind,
            remaining: remaining)
    }
}
