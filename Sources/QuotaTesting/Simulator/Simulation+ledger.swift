import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// The ledger, and what must hold of it.
extension Simulation {
    /// Runs a command as a transaction of its own, and checks everything.
    mutating func commit(_ command: LedgerCommand) throws(SimulationFailure) -> LedgerAnswer {
        if let restartInterval, commands.count % restartInterval == restartInterval - 1 {
            store.restart(steady: now)
        }
        let before = Snapshot(store)
        let answer: LedgerAnswer
        do {
            let answers = try store.commit(
                [command], now: ledgerNow, steady: now, omitted: omitted)
            answer = answers[0]
        } catch {
            throw fail("the ledger refused \(command.brief): \(error)")
        }
        if recordsCommands { commands.append((command, ledgerNow, answer)) }
        if recordsHistory { note("ledger: \(command.brief) -> \(answer.brief)") }
        try observe(command, answer, before)
        try check()
        return answer
    }

    private mutating func observe(
        _ command: LedgerCommand,
        _ answer: LedgerAnswer,
        _ before: Snapshot
    ) throws(SimulationFailure) {
        switch (command, answer) {
        case (.beginHolder, .begun(let begun)): naive.begin(begun.holder)
        case (.draw(let draw), .drawn(.granted(let grants, _))) where !grants.isEmpty:
            guard naive.newestLife[draw.holder.name] == draw.holder.incarnation else {
                throw fail("\(draw.holder) got leases and is not the newest life of its node")
            }
        case (.fold(let fold), .folded(.folded)):
            let life = NaiveCluster.Life(fold.holder)
            for range in fold.ranges { naive.fold(life, through: Int(range.through)) }
        case (.endHolder(let end), _) where end.evidence == .complete:
            guard naive.isFolded(NaiveCluster.Life(end.holder)) else {
                throw fail("\(end.holder) ended and not all of its journal is folded")
            }
        default: break
        }
        observeReservations(command, before)
        observeAccounts(before)
        if case .sweep = command { try checkSweep(before) }
        tellOfGrowth(before)
    }

    /// What the ledger itself ended: whoever comes near a period that is over may do so.
    private mutating func observeReservations(_ command: LedgerCommand, _ before: Snapshot) {
        var isConclusion = false
        if case .conclude = command { isConclusion = true }
        for (id, old) in before.reservations {
            guard let new = store.reservations[id],
                new.state != old.state || new.settled != old.settled
            else { continue }
            let isEnded = new.state == .settled || new.state == .voided
            if isEnded || !new.settled.isEmpty {
                naive.conclude(
                    id.text, used: new.settled.byMeter, isEnded: isEnded,
                    isDecided: isConclusion)
            }
        }
    }

    private mutating func observeAccounts(_ before: Snapshot) {
        for (id, record) in store.accounts {
            let account = record.account
            let old = before.accounts[id]
            if old?.capacity != account.capacity {
                naive.setCapacity(account.capacity, of: id, used: old?.used ?? 0)
            }
            if store.newest[id.key] == id.periodStart {
                naive.note(taken: account.capacity - account.available, of: id.key, at: time)
            }
        }
    }

    /// Time alone gives nothing back, but what its holder gave leave to.
    private func checkSweep(_ before: Snapshot) throws(SimulationFailure) {
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

    /// Tells the nodes of accounts that have more than before; such news may be lost.
    private mutating func tellOfGrowth(_ before: Snapshot) {
        var grown: [TenantID: [AccountKey: Int64]] = [:]
        for (id, record) in store.accounts {
            guard let old = before.accounts[id], record.account.version > old.version else {
                continue
            }
            grown[id.key.tenant, default: [:]][id.key] = record.account.version
        }
        for (tenant, accounts) in grown.sorted(by: { $0.key < $1.key }) {
            for node in nodes.indices { send(.grown(accounts, tenant, node: node)) }
        }
    }

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
        var posted: [AccountKey: Int64] = [:]
        for (id, record) in store.accounts {
            let account = record.account
            guard
                account.capacity
                    == account.available + account.escrowed + account.suspect + account.posted
            else { throw fail("\(id.key.limit) of \(id.key.tenant) does not add up") }
            guard account.escrowed == escrowed[id] ?? 0 else {
                throw fail(
                    "\(account.escrowed) units of \(id.key.limit) of \(id.key.tenant) are escrowed,"
                        + " its grants have \(escrowed[id] ?? 0)")
            }
            guard account.suspect == suspect[id] ?? 0 else {
                throw fail(
                    "\(account.suspect) units of \(id.key.limit) of \(id.key.tenant) are suspect,"
                        + " its grants have \(suspect[id] ?? 0)")
            }
            posted[id.key, default: 0] += account.posted
        }
        for archive in store.archives {
            posted[archive.record.key, default: 0] += archive.record.account.posted
        }
        if let wrong = naive.misposted(posted) { throw fail(wrong) }
        if let wrong = naive.unleased(store.leases) { throw fail(wrong) }
        if let wrong = naive.overshoot() { throw fail(wrong) }
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

    /// The rows that a command may change, before it.
    struct Snapshot {
        let accounts: [AccountID: Account]
        let reservations: [ReservationID: Reservation]

        init(_ store: MemoryStore) {
            accounts = store.accounts.mapValues(\.account)
            reservations = store.reservations
        }
    }
}

extension [Charge] {
    var byMeter: [MeterID: Int64] {
        Dictionary(map { ($0.meter, $0.amount) }) { $0 + $1 }
    }
}

extension NaiveCluster.Life {
    init(_ holder: Holder) {
        self.init(node: holder.name, incarnation: holder.incarnation)
    }
}
