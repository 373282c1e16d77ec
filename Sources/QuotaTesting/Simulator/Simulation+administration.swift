import QuotaEngine
import QuotaLedger
import QuotaModel

// What administrators and operators do.
extension Simulation {
    mutating func changeLimit(_ source: inout SeededRandom) throws(SimulationFailure) {
        let place = Int.random(in: plan.tenants.indices, using: &source)
        let limit = Int.random(in: 0..<plan.tenants[place].limits.count, using: &source)
        let changed = plan.tenants[place].limits[limit].limit
        if changed.window.kind == .rate { return }
        let unit = changed.meter == SimulationPlan.tokens ? plan.scale : 1
        let quantity = Int64.random(in: 5...400, using: &source) * unit
        plan.change(place, limit: limit, to: quantity)
        let tenant = plan.tenants[place]
        if recordsHistory {
            note("\(tenant.limits[limit].name) of \(tenant.id) becomes \(quantity)")
        }
        _ = try commit(
            .refresh(
                ViewCommand(
                    tenant: tenant.id,
                    demands: tenant.limits.map { Demand(limit: $0, amount: 0) },
                    calendar: SimulationPlan.calendar)))
        for node in nodes.indices where Bool.random(using: &source) {
            for tenant in plan.tenants { nodes[node].limits[tenant.id] = tenant.limits }
        }
    }

    /// Units are granted on top of a limit, or what is left of such is taken back; twice each.
    mutating func topUp(_ number: Int, _ source: inout SeededRandom) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source),
            let limit = tenant.limits.filter({ $0.rate == nil && $0.organization == nil })
                .randomElement(using: &source)
        else { return }
        let known = store.currentAccount(limit.accountKey(of: tenant.id))?.terms?.topUps ?? []
        let change: TopUpCommand.Change
        if let old = known.randomElement(using: &source), Bool.random(using: &source) {
            change = .revoke(old.id)
        } else {
            let unit = limit.limit.meter == SimulationPlan.tokens ? plan.scale : 1
            let seconds = Int64.random(in: 1...200_000, using: &source)
            change = .grant(
                TopUp(
                    id: TopUpID(trusted: "g_\(number)"),
                    granted: Int64.random(in: 1...200, using: &source) * unit,
                    priority: Int.random(in: TopUp.priorities, using: &source),
                    expiresAt: Bool.random(using: &source)
                        ? ledgerNow.adding(nanoseconds: seconds * 1_000_000_000) : nil,
                    grantedAt: ledgerNow))
        }
        let command = TopUpCommand(
            tenant: tenant.id, limit: limit, calendar: SimulationPlan.calendar, change: change)
        let isUnlimited = limit.limit.quantity == nil
        for isFirst in [true, false] {
            let answer = try commit(.topUp(command))
            switch (answer, change) {
            case (.toppedUp(.unlimited), _) where isUnlimited: return
            case (.toppedUp(.tooMany), .grant) where known.count >= TopUp.maximumPerLimit: return
            case (.toppedUp(.done(_, isNew: isFirst)), .grant): continue
            // What has expired by now, or was revoked a moment ago, is not there.
            case (.toppedUp(.done(_, isNew: true)), .revoke) where isFirst: continue
            case (.toppedUp(.notFound), .revoke): return
            default: throw fail("a top-up was answered \(answer)")
            }
        }
    }

    mutating func reset(_ source: inout SeededRandom) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source),
            let limit = tenant.limits.randomElement(using: &source)
        else { return }
        try commit(
            .reset(
                ResetCommand(
                    tenant: tenant.id, limit: limit, calendar: SimulationPlan.calendar)))
    }

    /// An operator finds out what happened to units that nobody knows of.
    mutating func resolve(_ source: inout SeededRandom) throws(SimulationFailure) {
        let suspects = store.leases.values
            .filter { lease in
                lease.grant.state == .suspect && store.holders[lease.holder]?.state == .ended
            }
            .sorted { ($0.grant.id.text) < ($1.grant.id.text) }
        if let lease = suspects.randomElement(using: &source) {
            return try resolve(lease)
        }
        let grants = store.grants.values.filter { $0.grant.state == .suspect }
            .sorted { $0.grant.id.text < $1.grant.id.text }
        guard let grant = grants.randomElement(using: &source),
            let use = naive.uses[grant.reservation.text]
        else { return }
        let used = use.truth.units(of: grant.meter, held: use.held)
        try commit(.resolve(ResolveCommand(grant: grant.grant.id, used: used)))
    }

    /// Says what was used of a lease that nobody knows of.
    mutating func resolve(_ lease: LeaseRecord) throws(SimulationFailure) {
        let lost = naive.lostUnits(of: lease.grant.id)
        let total = lease.grant.posted + lease.grant.overage + lost
        // A repeat must change nothing.
        for _ in 0..<2 {
            try commit(.resolve(ResolveCommand(grant: lease.grant.id, used: total)))
        }
    }

    /// An operator is too early: somebody still has the lease.
    mutating func resolveEarly(_ source: inout SeededRandom) throws(SimulationFailure) {
        let leases = store.leases.values
            .filter { lease in
                lease.grant.state != .closed && store.holders[lease.holder]?.state == .live
            }
            .sorted { $0.grant.id.text < $1.grant.id.text }
        guard let lease = leases.randomElement(using: &source) else { return }
        let answer = try commit(
            .resolve(ResolveCommand(grant: lease.grant.id, used: lease.grant.size)))
        switch answer {
        case .concluded(.refused), .concluded(.heldBy): return
        default:
            throw fail("lease \(lease.grant.id.text) was resolved while somebody has it")
        }
    }

    /// Somebody asks the ledger to end what a node holds, or guesses the id of another's
    /// reservation.
    mutating func endForeign(_ source: inout SeededRandom) throws(SimulationFailure) {
        if Bool.random(using: &source) { return try endHeld(&source) }
        let ids = store.reservations.keys.sorted()
        guard let id = ids.randomElement(using: &source),
            let stranger = plan.tenants.first(where: { $0.id != store.reservations[id]?.tenant })
        else { return }
        let answer = try commit(
            .conclude(ConcludeCommand(reservation: id, tenant: stranger.id, event: .void)))
        guard case .concluded(.notFound) = answer else {
            throw fail("\(id) was not missing for \(stranger.id)")
        }
    }

    private mutating func endHeld(_ source: inout SeededRandom) throws(SimulationFailure) {
        let held = store.owners.filter { store.holders[$0.value]?.state == .live }.keys.sorted()
        guard let id = held.randomElement(using: &source), let owner = store.owners[id],
            let heardAt = store.holders[owner]?.heardAt, let row = store.reservations[id]
        else { return }
        var event = ReservationEvent.void
        if Bool.random(using: &source) {
            event = .settle(
                row.held.map {
                    Charge(
                        meter: $0.meter,
                        amount: Int64.random(in: 0...($0.amount + $0.amount / 3), using: &source))
                })
        }
        let isSilent = time - heardAt.nanoseconds > SimulatedNode.silence
        let answer = try commit(
            .conclude(ConcludeCommand(reservation: id, tenant: nil, event: event)))
        switch answer {
        case .concluded(.heldBy) where !isSilent: return
        // The node is silent, and what it says later does not count.
        case .concluded(.done) where isSilent: return
        default:
            throw fail(
                "\(id), which a node holds\(isSilent ? " in silence" : ""), was ended: \(answer)")
        }
    }
}
