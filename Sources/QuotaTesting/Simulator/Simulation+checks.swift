import QuotaEngine
import QuotaLedger
import QuotaModel

// What must hold after every step.
extension Simulation {
    func check() throws(SimulationFailure) {
        var escrowed: [AccountID: Int64] = [:]
        var suspect: [AccountID: Int64] = [:]
        for lease in store.leases.values {
            add(lease.grant, lease.account, &escrowed, &suspect)
            if store.newest[lease.account.key] == nil {
                throw fail("lease \(lease.grant.id.text) is of no account")
            }
        }
        for grant in store.grants.values { add(grant.grant, grant.account, &escrowed, &suspect) }
        for (id, record) in store.accounts {
            try check(record.account, id, escrowed: escrowed[id] ?? 0, suspect: suspect[id] ?? 0)
        }
        if let wrong = naive.misposted(store) { throw fail(wrong) }
        if let wrong = naive.unleased(store.leases) { throw fail(wrong) }
        if let wrong = naive.overshoot() { throw fail(wrong) }
        if let wrong = naive.soldTwice(store) { throw fail(wrong) }
    }

    private func check(
        _ account: Account,
        _ id: AccountID,
        escrowed: Int64,
        suspect: Int64
    ) throws(SimulationFailure) {
        let place = "\(id.key.limit) of \(id.key.tenant)"
        let sum =
            Int128(account.available) + Int128(account.escrowed) + Int128(account.suspect)
            + Int128(account.posted)
        guard Int128(account.capacity) == sum else { throw fail("\(place) does not add up") }
        guard account.escrowed == escrowed else {
            throw fail(
                "\(account.escrowed) units of \(place) are escrowed, its grants have \(escrowed)")
        }
        guard account.suspect == suspect else {
            throw fail(
                "\(account.suspect) units of \(place) are suspect, its grants have \(suspect)")
        }
    }

    private func add(
        _ grant: Grant,
        _ account: AccountID,
        _ escrowed: inout [AccountID: Int64],
        _ suspect: inout [AccountID: Int64]
    ) {
        let rest = grant.size - grant.posted - grant.returned - grant.carved
        switch grant.state {
        case .open: escrowed[account, default: 0] += rest
        case .suspect: suspect[account, default: 0] += rest
        case .closed: break
        }
    }

    /// Time alone gives nothing back, but what its holder gave leave to.
    func checkSweep(_ before: Snapshot) throws(SimulationFailure) {
        var freed: [AccountKey: Int64] = [:]
        for (id, old) in before.reservations where old.state == .held {
            guard old.onExpiry == .void, store.reservations[id]?.state != .held else { continue }
            for grant in store.grants(of: id) {
                freed[grant.account.key, default: 0] += grant.grant.returned
            }
        }
        for (id, old) in before.accounts {
            guard let new = store.accounts[id]?.account else { continue }
            if new.available > old.available + (freed[id.key] ?? 0) {
                throw fail("a sweep gave \(new.available - old.available) units of \(id.key) back")
            }
        }
    }

    /// No lease is larger than its share, unless one request needs as much.
    func checkSizes(_ draw: DrawCommand, _ before: Snapshot) throws(SimulationFailure) {
        for want in draw.wants where before.leases[want.lease] == nil {
            guard let lease = store.leases[want.lease], lease.grant.size > want.demand.amount,
                let account = store.accounts[lease.account]?.account
            else { continue }
            var shares: Set<[String]> = []
            for other in store.leases.values
            where other.account == lease.account && other.grant.state == .open {
                shares.insert([
                    other.holder.name, "\(other.holder.incarnation)", other.tenant.text,
                ])
            }
            let most = (account.available + lease.grant.size) / (4 * Int64(shares.count))
            if lease.grant.size > most {
                throw fail("lease \(want.lease.text) has \(lease.grant.size), its share is \(most)")
            }
        }
    }

    /// No reservation uses more of a lease than it held of it.
    func checkPosting(
        _ conclude: ConcludeCommand,
        _ before: Snapshot
    ) throws(SimulationFailure) {
        guard let use = naive.uses[conclude.reservation.text] else { return }
        for part in use.toldParts {
            guard let id = part.lease, let old = before.leases[id], let new = store.leases[id]
            else { continue }
            if new.grant.posted - old.grant.posted > part.units {
                throw fail("\(use.id) used units of lease \(id.text) that it did not hold")
            }
        }
    }

    /// Whoever is refused while others hold units learns that they can be recalled.
    func checkRecalls(
        _ draw: DrawCommand,
        _ violations: [Violation],
        _ recalls: [AccountKey]
    ) throws(SimulationFailure) {
        for violation in violations where violation.isEnforced {
            let key = draw.wants[violation.index].demand.limit.accountKey(of: draw.tenant)
            // The account that refuses may be a new one, which is not there after a refusal.
            guard let record = store.currentAccount(key), record.account.state == .open,
                ledgerNow < record.period.end, !recalls.contains(key)
            else { continue }
            let account = record.id
            for lease in store.leases.values where lease.account == account {
                let isOwn = lease.holder == draw.holder && lease.tenant == draw.tenant
                if !isOwn, lease.grant.state == .open, lease.grant.rest > 0 {
                    throw fail("\(draw.tenant) was refused and \(lease.grant.id.text) not recalled")
                }
            }
        }
    }
}
