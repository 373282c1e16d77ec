import QuotaCalendar
import QuotaEngine
import QuotaModel

// Units on their way to a node, and back.
extension LedgerTransaction {
    mutating func run(_ draw: DrawCommand) throws(LedgerError) -> DrawAnswer {
        for giving in draw.returns {
            guard try take(giving) else { return .outOfRange }
        }
        // What is carried may be what is wanted.
        try raiseCarries()
        let newest = try holders(named: draw.holder.name).last
        guard var record = try holder(draw.holder),
            omitted.contains(.newestLifeDraws)
                || record.state == .live && newest?.id == draw.holder
        else { return .fenced }
        let floor = record.floor
        record.heardAt = steady
        record.floor = max(record.floor, draw.floor)
        changes.holders[draw.holder] = record
        guard draw.epoch == record.epoch else { return .silent(epoch: record.epoch) }
        guard let first = draw.wants.first else { return .granted([], accounts: []) }
        if try lease(first.lease) != nil { return try earlierAnswer(to: draw) }
        guard draw.wants.allSatisfy({ $0.lease.sequence >= floor }) else { return .stale }
        return try grant(draw)
    }

    /// The leases of a life that are not closed and whose draws it does not wait for.
    func answeredLeases(of holder: Holder) throws(LedgerError) -> [LeaseRecord] {
        guard let record = try self.holder(holder) else { return [] }
        return try unclosedLeases(of: holder).filter { $0.grant.id.sequence < record.floor }
    }

    /// Takes units back that a lease has not used.
    ///
    /// - Returns: false when the lease has fewer.
    private mutating func take(_ giving: LeaseReturn) throws(LedgerError) -> Bool {
        // What is known no more was closed, and has nothing left.
        guard var lease = try lease(giving.lease), var record = try account(lease.account) else {
            return true
        }
        let before = record.account
        var returned = giving.returned
        // What a reservation used that was taken over from the holder is not the holder's to give.
        if lease.grant.carved > 0 {
            returned = min(returned, lease.grant.returned + lease.grant.rest)
        }
        guard (try? record.account.giveBack(&lease.grant, returned: returned)) != nil else {
            return false
        }
        stage(lease)
        accounts.stage(record, before: before)
        return true
    }

    /// The answer to a draw whose answer was lost: the same leases.
    private func earlierAnswer(to draw: DrawCommand) throws(LedgerError) -> DrawAnswer {
        var grants: [Grant] = []
        var snapshots: [AccountSnapshot] = []
        for want in draw.wants {
            guard let known = try lease(want.lease), known.grant.state != .closed else {
                return .stale
            }
            grants.append(known.grant)
            if let record = try account(known.account) {
                snapshots.append(try snapshot(record, draw.holder, draw.tenant))
            }
        }
        return .granted(grants, accounts: snapshots)
    }

    private mutating func grant(_ draw: DrawCommand) throws(LedgerError) -> DrawAnswer {
        try rollOver(draw.wants.map(\.demand), of: draw.tenant)
        var located: [LocatedAccount] = []
        for want in draw.wants {
            let limit = want.demand.limit
            let calendar =
                limit.organization == nil
                ? draw.calendar : draw.organizationCalendar ?? draw.calendar
            let found = try locate(
                AccountSpecification(limit, tenant: draw.tenant), calendar: calendar)
            // Whoever knows an older limit than the ledger has to learn the new one first.
            if found.record.account.limitRevision > limit.revision { return .outdated }
            located.append(found)
        }
        let violations = violations(draw.wants.map(\.demand), located.map(\.state))
        if draw.isEnforced, violations.contains(where: \.isEnforced) {
            return try refusal(violations, draw, located)
        }
        do {
            return try lend(draw, from: located)
        } catch let error as LedgerError {
            throw error
        } catch {
            return .outOfRange
        }
    }

    private func refusal(
        _ violations: [Violation],
        _ draw: DrawCommand,
        _ located: [LocatedAccount]
    ) throws(LedgerError) -> DrawAnswer {
        var snapshots: [AccountSnapshot] = []
        var recalls: [AccountKey] = []
        for account in located {
            snapshots.append(try snapshot(account.record, draw.holder, draw.tenant))
        }
        for violation in violations where violation.isEnforced {
            let account = located[violation.index].record
            let others = try unclosedLeases(of: account.id)
                .contains { lease in
                    lease.grant.state == .open && lease.grant.rest > 0
                        && (lease.holder != draw.holder || lease.tenant != draw.tenant)
                }
            if others { recalls.append(account.key) }
        }
        return .refused(violations, accounts: snapshots, recalls: recalls)
    }

    private mutating func lend(
        _ draw: DrawCommand,
        from located: [LocatedAccount]
    ) throws -> DrawAnswer {
        let uncharged = located
        var located = located
        var leases: [LeaseRecord] = []
        for (index, want) in draw.wants.enumerated() {
            let account = located[index].record.account
            let size =
                want.demand.amount > account.available
                ? want.demand.amount
                : GrantSizing.size(
                    needed: want.demand.amount, wanted: want.wanted,
                    capacity: account.capacity, available: account.available,
                    holders: try holders(of: located[index].record.id, with: draw))
            // Whether the demands may pass was decided over all of them together.
            guard
                let grant = try located[index].record.account
                    .grant(
                        want.lease, size: size, enforced: false)
            else { return .outdated }
            leases.append(
                LeaseRecord(
                    account: located[index].record.id, meter: located[index].record.meter,
                    tenant: draw.tenant, grant: grant))
        }
        for (index, account) in located.enumerated() {
            let isCharged = !omitted.contains(.leasesAreCharged)
            accounts.stage(
                isCharged ? account.record : uncharged[index].record, before: account.before)
        }
        for lease in leases { stage(lease) }
        var snapshots: [AccountSnapshot] = []
        for account in located {
            snapshots.append(try snapshot(account.record, draw.holder, draw.tenant))
        }
        return .granted(leases.map(\.grant), accounts: snapshots)
    }

    /// How many share an account: a node counts once for each tenant.
    private func holders(
        of account: AccountID,
        with draw: DrawCommand
    ) throws(LedgerError) -> Int64 {
        var shares: Set = [
            LeaseShare(account: account, holder: draw.holder, tenant: draw.tenant)
        ]
        for lease in try unclosedLeases(of: account) where lease.grant.state == .open {
            shares.insert(lease.share)
        }
        return Int64(shares.count)
    }

    /// An account as a holder has to see it.
    func snapshot(
        _ record: AccountRecord,
        _ holder: Holder,
        _ tenant: TenantID
    ) throws(LedgerError) -> AccountSnapshot {
        let own = try unclosedLeases(of: record.id)
            .filter { $0.holder == holder && $0.tenant == tenant }
        return AccountSnapshot(
            tenant: tenant, key: record.key, period: record.period, account: record.account,
            leases: own.map(\.grant), at: now, order: order)
    }
}
