import QuotaEngine
import QuotaLedger
import QuotaModel

// Whether reservations end as their clients, and their time, say.
extension Simulation {
    /// What an answer to the end of a reservation says must be so.
    mutating func observe(
        _ answer: ConcludeAnswer,
        to conclude: ConcludeCommand,
        _ before: Snapshot,
        _ alternatives: inout [ReservationID: NaiveOutcome]
    ) throws(SimulationFailure) {
        let id = conclude.reservation
        let use = naive.uses[id.text]
        let known = conclude.tenant == nil || conclude.tenant == use?.tenant ? use : nil
        switch answer {
        case .done:
            guard let use = known, use.known != nil else {
                throw fail("\(id) was ended, and does not exist for \(conclude.tenant as Any)")
            }
            let isHeld = use.life.map { !naive.ended.contains($0) } ?? false
            let isTakenOver = isHeld && use.known?.state == .held
            if isTakenOver, conclude.event == .expire || !isSilent(use.life, before) {
                throw fail("the ledger ended \(id), which its node holds")
            }
            let expired = afterExpiry(use).flatMap { $0.afterwards(conclude.event) }
            guard let outcome = use.afterwards(conclude.event) ?? expired else {
                throw fail("\(id) ended by \(conclude.event), after the contrary was said")
            }
            // The same may be said twice in a transaction.
            if let expired { alternatives[id] = expired }
            naive.learn(id.text, outcome)
            if isTakenOver {
                naive.decide(id.text, outcome)
            } else {
                naive.endTruly(id.text, conclude.event)
            }
            if use.known?.state != .settled { settledNow.append(id.text) }
        case .refused:
            guard let use = known else { throw fail("\(id) was refused to a stranger") }
            let expired = afterExpiry(use)
            if use.afterwards(conclude.event) == nil { return }
            if let expired, expired.afterwards(conclude.event) == nil { return }
            throw fail("\(id) can't end by \(conclude.event), says the ledger: \(answer)")
        case .notFound:
            guard known?.known == nil else { throw fail("the ledger has forgotten \(id)") }
        case .heldBy(let holder):
            guard let use = known, use.life == NaiveCluster.Life(holder) else {
                throw fail("\(id) is held by another than \(holder)")
            }
        case .outOfRange, .leaseResolved:
            throw fail("\(id) can't end by \(conclude.event): \(answer)")
        }
    }

    /// Whether the ledger has not heard of a life for a minute.
    private func isSilent(_ life: NaiveCluster.Life?, _ before: Snapshot) -> Bool {
        guard let life else { return false }
        let holder = Holder(name: life.node, incarnation: life.incarnation)
        let heard = [before.holders[holder], store.holders[holder]].compactMap { $0?.heardAt }
        return heard.contains { time - $0.nanoseconds > SimulatedNode.silence }
    }

    /// What the ledger knows of a use whose time to live has passed, when it has noticed that.
    private func afterExpiry(_ use: NaiveUse) -> NaiveUse? {
        guard use.known?.state == .held, use.expiresAt <= ledgerNow else { return nil }
        var use = use
        use.known = use.afterwards(.expire)
        return use
    }

    /// An operator has said what was used of a grant or lease.
    mutating func observe(
        _ answer: ConcludeAnswer,
        to resolve: ResolveCommand,
        _ before: Snapshot
    ) throws(SimulationFailure) {
        switch answer {
        case .leaseResolved(let lease):
            guard let old = before.leases[resolve.grant], old.grant.state == .suspect,
                naive.ended.contains(NaiveCluster.Life(old.holder))
            else { throw fail("lease \(resolve.grant.text) was resolved while somebody has it") }
            let known = old.grant.posted + old.grant.overage
            naive.resolve(
                lease, used: max(0, resolve.used - known), countingAt: hour(of: old, before))
        case .done(let reservation):
            guard let grant = store.grants[resolve.grant],
                var use = naive.uses[reservation.id.text], var known = use.known
            else { throw fail("\(reservation.id) was resolved and does not exist") }
            if reservation.endedByExpiry, use.expiresAt <= ledgerNow {
                // It has expired before, in the same commit.
                known.endedByExpiry = true
                if !use.truth.isEnded { use.truth.endedByExpiry = true }
            }
            known.resolve(grant.meter, units: resolve.used, held: use.held)
            naive.learn(reservation.id.text, known)
            if use.truth.isEnded { return }
            use.truth.resolve(grant.meter, units: resolve.used, held: use.held)
            naive.correct(reservation.id.text, use.truth)
        case .refused, .notFound: break
        case .heldBy(let holder):
            if naive.ended.contains(NaiveCluster.Life(holder)) {
                throw fail("\(resolve.grant.text) can't be resolved, and \(holder) is over")
            }
        case .outOfRange:
            throw fail("\(resolve.grant.text) can't be resolved: \(answer)")
        }
    }

    /// When what was found out of a lease counts as used; nil where another lease stands for it.
    private func hour(of lease: LeaseRecord, _ before: Snapshot) -> Timestamp? {
        let limits = plan.tenant(lease.tenant)?.limits ?? []
        // The longest budget comes last.
        let longest = limits.last {
            $0.limit.meter == lease.meter && $0.organization == nil && $0.rate == nil
        }
        guard longest?.accountKey(of: lease.tenant) == lease.account.key else { return nil }
        guard let end = before.ends[lease.account] else { return ledgerNow }
        return min(ledgerNow, end.adding(nanoseconds: -1))
    }

    /// Compares the rows of reservations that may have changed with what is known of them.
    mutating func observeReservations(
        _ before: Snapshot,
        _ alternatives: [ReservationID: NaiveOutcome]
    ) throws(SimulationFailure) {
        for (id, row) in store.reservations {
            if let old = before.reservations[id], old == row, alternatives[id] == nil { continue }
            try compare(id, row, alternatives[id])
        }
        for id in settledNow {
            if let use = naive.uses[id] { passDebt(of: use, use.known, life: nil) }
        }
        settledNow = []
    }

    private mutating func compare(
        _ id: ReservationID,
        _ row: Reservation,
        _ alternative: NaiveOutcome?
    ) throws(SimulationFailure) {
        guard let use = naive.uses[id.text], let known = use.known else {
            throw fail("the ledger knows \(id), and was not told")
        }
        guard row.held.byMeter == use.toldHeld else {
            throw fail("\(id) holds \(use.toldHeld.values.sorted()), its row says \(row.held)")
        }
        if row.shows(known) {
            guard let alternative, row.shows(alternative) else { return }
            // Nobody can tell whether its time had passed before: both are right.
            naive.uses[id.text]?.mayAdjust = true
            naive.uses[id.text]?.known = alternative
            if use.truth == known { naive.correct(id.text, alternative) }
            return
        }
        if let alternative, row.shows(alternative) {
            naive.learn(id.text, alternative)
            if use.truth == known { naive.correct(id.text, alternative) }
            return
        }
        let isOwned = use.life.map { !naive.ended.contains($0) } ?? false
        guard !isOwned, let expired = afterExpiry(use)?.known, row.shows(expired) else {
            throw fail(
                "\(id) is \(known.state) with \(known.used.values.sorted()), its row says "
                    + "\(row.state) with \(row.settled.map(\.amount))")
        }
        naive.learn(id.text, expired)
        naive.endTruly(id.text, .expire)
    }

    /// Use beyond what was held is a debt of the rates that it passed.
    mutating func passDebt(of use: NaiveUse, _ outcome: NaiveOutcome?, life: NaiveCluster.Life?) {
        guard let outcome, outcome.state == .settled else { return }
        for rate in use.rates {
            let held = life == nil ? use.toldHeld : use.held
            let beyond = (outcome.used[rate.meter] ?? 0) - (held[rate.meter] ?? 0)
            if beyond <= 0 { continue }
            naive.rates.pass(beyond, at: time, NaiveRates.Place(life: life, key: rate.key))
        }
    }

    /// A reservation that could not be ended must be one that can't.
    func judgeRefusedEnd(
        _ id: ReservationID,
        _ event: ReservationEvent
    ) throws(SimulationFailure) {
        guard var use = naive.uses[id.text], !use.isLost, !use.isDecided else { return }
        if use.endTruly(event) {
            throw fail("\(id) is \(use.truth.state) and could not be ended by \(event)")
        }
    }
}

extension Reservation {
    /// Whether the row says the same.
    fileprivate func shows(_ outcome: NaiveOutcome) -> Bool {
        state == outcome.state && settled.byMeter == outcome.used
            && endedByExpiry == outcome.endedByExpiry
    }
}

extension [Charge] {
    var byMeter: [MeterID: Int64] {
        Dictionary(map { ($0.meter, $0.amount) }) { $0 + $1 }
    }
}
