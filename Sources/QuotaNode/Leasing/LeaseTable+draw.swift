import QuotaEngine
package import QuotaLedger
package import QuotaModel

// Drawing leases, and giving them back.
extension LeaseTable {
    /// The draw of what a request lacks; what older leases of the same limits have goes back with
    /// it, so that nothing the tenant has is out of its own reach.
    mutating func draw(
        _ wants: [Demand],
        _ request: AdmitCommand,
        from state: inout TenantState,
        steady: Timestamp,
        sequence: LeaseSequence
    ) -> (DrawCommand, [JournalEntry]) {
        var entries: [JournalEntry] = []
        var returns: [LeaseReturn] = []
        var leaseWants: [LeaseWant] = []
        let (first, floor) = sequence.take(wants.count)
        for (index, demand) in wants.enumerated() {
            let key = demand.limit.accountKey(of: request.tenant)
            var account = state.accounts[key] ?? LeasedAccount()
            account.giveBack(&returns)
            close(&account, key, of: request.tenant, &entries)
            account.choose(needed: demand.amount, at: steady)
            leaseWants.append(
                LeaseWant(
                    demand: demand, wanted: account.wanted,
                    lease: GrantID(
                        holder: holder.name, incarnation: holder.incarnation,
                        sequence: first + Int64(index))))
            state.accounts[key] = account
        }
        let draw = DrawCommand(
            holder: holder, epoch: epoch, floor: floor, tenant: request.tenant,
            calendar: request.calendar, organizationCalendar: request.organizationCalendar,
            returns: returns, wants: leaseWants, isEnforced: request.isEnforced)
        state.draw = draw
        return (draw, entries)
    }

    /// Takes the answer to a draw in.
    ///
    /// - Parameters:
    ///   - answer: the answer.
    ///   - draw: the draw as it was sent.
    ///   - sentAt: when the draw was sent, on the steady clock: what the ledger told is not older.
    ///   - steady: the steady clock.
    ///   - sequence: learns that the draw is over.
    package mutating func install(
        _ answer: DrawAnswer,
        to draw: DrawCommand,
        sentAt: Timestamp,
        steady: Timestamp,
        sequence: LeaseSequence
    ) {
        if let first = draw.wants.first { sequence.end(first.lease.sequence) }
        guard tenants.contains(draw.tenant) else { return }
        var state = take(draw.tenant)
        defer { put(state, draw.tenant) }
        if state.draw?.wants.first?.lease == draw.wants.first?.lease { state.draw = nil }
        switch answer {
        case .granted(let grants, let snapshots):
            for (grant, want) in zip(grants, draw.wants) {
                let key = want.demand.limit.accountKey(of: draw.tenant)
                guard let snapshot = snapshots.first(where: { $0.key == key }) else { continue }
                var account = state.accounts[key] ?? LeasedAccount()
                if !account.leases.contains(where: { $0.id == grant.id }) {
                    account.leases.append(
                        HeldLease(
                            grant, snapshot, revision: want.demand.limit.revision,
                            epoch: draw.epoch, at: sentAt))
                    nextEnd = min(nextEnd, snapshot.end(sentAt: sentAt))
                    if snapshot.account.available <= 0 { drained.insert(draw.tenant) }
                }
                account.see(snapshot, sentAt: sentAt, at: steady, isLeasedFrom: true)
                account.refusal = nil
                account.isInDebt = false
                state.accounts[key] = account
            }
        case .refused(let violations, let snapshots, _):
            for (index, want) in draw.wants.enumerated() {
                let key = want.demand.limit.accountKey(of: draw.tenant)
                guard let snapshot = snapshots.first(where: { $0.key == key }) else { continue }
                state.accounts[key, default: LeasedAccount()]
                    .see(snapshot, sentAt: sentAt, at: steady, isLeasedFrom: true)
                state.accounts[key]?.isInDebt = false
                guard violations.contains(where: { $0.index == index && $0.isEnforced }) else {
                    continue
                }
                state.accounts[key]?
                    .remember(
                        want.demand, version: snapshot.account.version,
                        growth: growth[key] ?? 0, at: steady)
            }
        case .silent(let epoch): enter(epoch: epoch)
        case .fenced: fence()
        case .outdated, .stale, .outOfRange: break
        }
    }

    /// Ends the leases of an account from which nothing can be taken.
    private mutating func close(
        _ account: inout LeasedAccount,
        _ key: AccountKey,
        of tenant: TenantID,
        _ entries: inout [JournalEntry]
    ) {
        for lease in account.closeLeases(omitted: omitted) {
            places[lease] = LeasePlace(tenant: tenant, account: key)
            entries.append(.closed(lease))
        }
    }

    /// Gives back what nobody uses, and closes what is over.
    ///
    /// - Parameters:
    ///   - tenant: whose leases.
    ///   - everything: whether what is in use goes, too: a recall, or a change to the tenant.
    ///   - steady: the steady clock.
    /// - Returns: what to write and then to send; nil when there is nothing to give.
    package mutating func giveBack(
        _ tenant: TenantID,
        everything: Bool,
        steady: Timestamp
    ) -> (returns: [LeaseReturn], entries: [JournalEntry])? {
        if !everything, tenants.isBusy(tenant, steady: steady) { return nil }
        guard let known = tenants.peek(tenant), known.draw == nil else { return nil }
        var state = take(tenant)
        defer { put(state, tenant) }
        var returns: [LeaseReturn] = []
        var entries: [JournalEntry] = []
        // In order, so that the same state gives the same journal.
        for (key, known) in state.accounts.sorted(by: { $0.key.limit < $1.key.limit }) {
            var account = known
            let isIdle = account.leases.allSatisfy {
                steady.nanoseconds(since: $0.usedAt) >= Self.idleNanoseconds
            }
            let isOver = account.leases
                .contains { account.isOver($0, steady) || $0.epoch < epoch }
            guard everything || isIdle || isOver else { continue }
            let count = returns.count
            account.giveBack(&returns)
            close(&account, key, of: tenant, &entries)
            state.accounts[key] = account
            if returns.count > count { grow(key) }
        }
        if !state.accounts.values.contains(where: { $0.leases.contains { !$0.isClosed } }) {
            drained.remove(tenant)
        }
        return returns.isEmpty && entries.isEmpty ? nil : (returns, entries)
    }

    /// The tenants that have leases whose period is over, in order.
    package mutating func tenantsBehind(_ steady: Timestamp) -> [TenantID] {
        guard steady >= nextEnd else { return [] }
        nextEnd = .distantFuture
        var behind: [TenantID] = []
        for tenant in tenants.ids {
            if let attentionAt = tenants.attentionAt(tenant) {
                if steady >= attentionAt {
                    behind.append(tenant)
                } else {
                    nextEnd = min(nextEnd, attentionAt)
                }
                continue
            }
            guard let state = tenants.peek(tenant) else { continue }
            let ends = state.accounts.values.flatMap { $0.leases.map(\.endsAt) }
            if ends.contains(where: { steady >= $0 }) { behind.append(tenant) }
            nextEnd = min(nextEnd, ends.filter { steady < $0 }.min() ?? .distantFuture)
        }
        return behind.sorted()
    }

    /// A draw was never made, for sure: nothing was committed.
    package mutating func withdraw(_ draw: DrawCommand, sequence: LeaseSequence) {
        for giving in draw.returns {
            tenants[draw.tenant]?.change(giving.lease) { $0.isReturnUnsent = true }
        }
        guard let first = draw.wants.first else { return }
        sequence.end(first.lease.sequence)
        if tenants[draw.tenant]?.draw?.wants.first?.lease == first.lease {
            tenants[draw.tenant]?.draw = nil
        }
    }

    /// The tenants that have leases of accounts, in order.
    package func holders(of accounts: [AccountKey]) -> [TenantID] {
        let accounts = Set(accounts)
        let own = accounts.filter {
            $0.organization == nil && tenants.peek($0.tenant)?.accounts[$0]?.leases.isEmpty == false
        }
        let shared = accounts.filter { $0.organization != nil }
        return Set(own.map(\.tenant) + (shared.isEmpty ? [] : tenants.holders(of: shared))).sorted()
    }

    /// Others have given back: what was refused may pass now.
    package mutating func forgetRefusals(of accounts: [AccountKey], tenant: TenantID) {
        for key in accounts { tenants[tenant]?.accounts[key]?.refusal = nil }
    }

    /// The ledger has given something back to a tenant: what was refused may pass now.
    package mutating func forgetRefusals(of tenant: TenantID) {
        for key in tenants[tenant]?.accounts.keys.map({ $0 }) ?? [] {
            tenants[tenant]?.accounts[key]?.refusal = nil
            grow(key)
        }
    }

    /// A shared account may have more than when it refused: each of its tenants asks again.
    mutating func grow(_ key: AccountKey) {
        if key.organization != nil { growth[key, default: 0] += 1 }
    }

    /// The ledger's side of a tenant was changed by something else than leases: what is known of
    /// its accounts is old.
    package mutating func forgetBalances(of tenant: TenantID) {
        for key in tenants[tenant]?.accounts.keys.map({ $0 }) ?? [] {
            tenants[tenant]?.accounts[key]?.forgetBalances()
            grow(key)
        }
    }

    /// The ledger told of leases that are not closed; those that the node does not know were made
    /// for a draw whose answer was another, and go back.
    ///
    /// - Parameters:
    ///   - leases: what the ledger told; nothing may have been folded since it was asked.
    ///   - steady: the steady clock.
    package mutating func adopt(strays leases: [LeaseRecord], steady: Timestamp) {
        for lease in leases where lease.holder == holder {
            var state = tenants[lease.tenant] ?? TenantState()
            var account = state.accounts[lease.account.key] ?? LeasedAccount()
            let isWaited =
                state.draw?.wants.contains { $0.lease == lease.grant.id } ?? false
            guard !isWaited, !account.leases.contains(where: { $0.id == lease.grant.id }) else {
                continue
            }
            account.leases.append(HeldLease(stray: lease.grant, at: steady))
            state.accounts[lease.account.key] = account
            tenants[lease.tenant] = state
        }
    }

    /// The ledger has folded a part of the journal.
    package mutating func note(_ fold: FoldCommand) {
        var overages: [GrantID: Int64] = [:]
        var closed: Set<GrantID> = []
        var touched: Set<LeasePlace> = []
        for use in fold.uses where use.overage > 0 || use.isClosed {
            guard let place = places[use.lease] else { continue }
            touched.insert(place)
            if use.overage > 0 { overages[use.lease] = use.overage }
            if use.isClosed {
                closed.insert(use.lease)
                places[use.lease] = nil
            }
        }
        for place in touched {
            tenants[place.tenant]?.accounts[place.account]?
                .note(overages: overages, closed: closed)
        }
    }

    /// The ledger has closed leases: what it tells of their accounts.
    package mutating func see(_ snapshots: [AccountSnapshot], steady: Timestamp) {
        for snapshot in snapshots {
            tenants[snapshot.tenant]?.accounts[snapshot.key]?
                .see(snapshot, sentAt: steady, at: steady, isLeasedFrom: false)
        }
    }

    /// Forgets a tenant of which nothing is out.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - steady: the steady clock.
    /// - Returns: false when something is.
    package mutating func evict(_ tenant: TenantID, steady: Timestamp) -> Bool {
        if tenants.isBusy(tenant, steady: steady) { return false }
        guard tenants[tenant]?.isIdle(steady) ?? true else { return false }
        tenants[tenant] = nil
        return true
    }
}

extension LeasedAccount {
    /// The ledger knows of these overages, and has closed these leases.
    mutating func note(overages: [GrantID: Int64], closed: Set<GrantID>) {
        for index in leases.indices {
            guard let overage = overages[leases[index].id] else { continue }
            leases[index].foldedOverage = overage
        }
        for index in leases.indices where closed.contains(leases[index].id) {
            leases[index].isFolded = true
        }
        // Those that a snapshot still tells apart leave with the next one, or all together.
        let told = Set(snapshot?.leases.map(\.id) ?? [])
        leases.removeAll { $0.isFolded && !told.contains($0.id) }
        guard !leases.isEmpty, leases.allSatisfy(\.isFolded) else { return }
        leases = []
        snapshot = nil
    }

    /// Gives all free units back.
    mutating func giveBack(_ returns: inout [LeaseReturn]) {
        for index in leases.indices where !leases[index].isClosed {
            guard leases[index].free > 0 || leases[index].isReturnUnsent else { continue }
            if !leases[index].isReturnUnsent {
                leases[index].returnedBefore = leases[index].returned
            }
            leases[index].returned += leases[index].free
            leases[index].isReturnUnsent = false
            returns.append(
                LeaseReturn(lease: leases[index].id, returned: leases[index].returned))
        }
    }

    /// Ends the leases from which nothing is held and nothing can be taken.
    ///
    /// - Returns: the leases.
    mutating func closeLeases(omitted: OmittedRules) -> [GrantID] {
        var closed: [GrantID] = []
        for index in leases.indices where !leases[index].isClosed && leases[index].free <= 0 {
            guard leases[index].held == 0 || omitted.contains(.openHoldsKeepLeases) else {
                continue
            }
            leases[index].isClosed = true
            closed.append(leases[index].id)
        }
        return closed
    }

    /// Decides how much to ask for: twice as much when the last lease was gone within a second,
    /// half when it lasted longer.
    mutating func choose(needed: Int64, at steady: Timestamp) {
        let wasFast = steady.nanoseconds(since: drawnAt) < 1_000_000_000
        let (double, overflow) = max(wanted, needed).multipliedReportingOverflow(by: 2)
        wanted = wasFast ? (overflow ? .max : double) : max(needed, wanted / 2)
        drawnAt = steady
    }

    /// Forgets what the ledger told: it is asked anew, and what is leased is not spent.
    mutating func forgetBalances() {
        refusal = nil
        seenAt = .distantPast
        wanted = 0
        if leases.isEmpty { snapshot = nil }
        for index in leases.indices { leases[index].isRecalled = true }
    }

    /// Remembers that the ledger refused.
    mutating func remember(
        _ demand: Demand,
        version: Int64,
        growth: Int64,
        at steady: Timestamp
    ) {
        var amount = demand.amount
        if let refusal, refusal.version == version { amount = min(amount, refusal.amount) }
        refusal = RememberedRefusal(
            amount: amount, version: version, revision: demand.limit.revision,
            until: steady.adding(nanoseconds: RememberedRefusal.memoryNanoseconds),
            growth: growth)
    }
}
