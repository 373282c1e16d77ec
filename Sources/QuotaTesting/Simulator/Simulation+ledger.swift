import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// The ledger, as those who ask it see it.
extension Simulation {
    /// Runs a command as a transaction of its own, and checks everything.
    @discardableResult
    mutating func commit(_ command: LedgerCommand) throws(SimulationFailure) -> LedgerAnswer {
        try commit([command])[0]
    }

    /// Runs commands as one transaction, and checks everything.
    mutating func commit(_ commands: [LedgerCommand]) throws(SimulationFailure) -> [LedgerAnswer] {
        if let restartInterval, self.commands.count % restartInterval == restartInterval - 1 {
            store.restart(steady: now)
        }
        let before = Snapshot(store)
        let answers: [LedgerAnswer]
        do {
            answers = try store.commit(commands, now: ledgerNow, steady: now, omitted: omitted)
        } catch {
            throw fail("the ledger refused \(commands.map(\.brief)): \(error)")
        }
        var alternatives: [ReservationID: NaiveOutcome] = [:]
        for (command, answer) in zip(commands, answers) {
            if recordsCommands { self.commands.append((command, ledgerNow, answer)) }
            if recordsHistory { note("ledger: \(command.brief) -> \(answer.brief)") }
            try observe(command, answer, before, &alternatives)
        }
        try observeReservations(before, alternatives)
        if let wrong = naive.settlePostings(store, archives: before.archiveCount) {
            throw fail(wrong)
        }
        for case (.adjust(let adjust), .adjusted(.done(_, _, isNew: true))) in zip(
            commands, answers)
        {
            observe(adjust)
        }
        observeAccounts(before, lent(commands, answers))
        if commands.count == 1 {
            try observeAlone(commands[0], answers[0], before)
        } else {
            noteBetween(answers)
        }
        tellOfGrowth(before)
        try check()
        return answers
    }

    private mutating func observe(
        _ command: LedgerCommand,
        _ answer: LedgerAnswer,
        _ before: Snapshot,
        _ alternatives: inout [ReservationID: NaiveOutcome]
    ) throws(SimulationFailure) {
        switch (command, answer) {
        case (.beginHolder, .begun(let begun)): naive.begin(begun.holder)
        case (.draw(let draw), .drawn(.granted(let grants, _))) where !grants.isEmpty:
            try observe(grants, draw, before)
        case (.fold(let fold), .folded(.folded)):
            let life = NaiveCluster.Life(fold.holder)
            for range in fold.ranges { naive.fold(life, through: Int(range.through)) }
        case (.endHolder(let end), _):
            let life = NaiveCluster.Life(end.holder)
            guard end.evidence == .incomplete || naive.isFolded(life) else {
                throw fail("\(end.holder) ended and not all of its journal is folded")
            }
            naive.end(life, isComplete: end.evidence == .complete)
        case (.conclude(let conclude), .concluded(let answer)):
            try observe(answer, to: conclude, before, &alternatives)
        case (.resolve(let resolve), .concluded(let answer)):
            try observe(answer, to: resolve, before)
        case (.reset(let reset), .reset):
            naive.rates.reset(reset.limit.accountKey(of: reset.tenant))
        case (.topUp(let topUp), .toppedUp(.done(let record, isNew: true))):
            if case .grant(let granted) = topUp.change {
                naive.granted[record.id, default: 0] += granted.granted
            }
        default: try observeDirect(command, answer)
        }
    }

    private mutating func observe(
        _ grants: [Grant],
        _ draw: DrawCommand,
        _ before: Snapshot
    ) throws(SimulationFailure) {
        guard naive.newestLife[draw.holder.name] == draw.holder.incarnation else {
            throw fail("\(draw.holder) got leases and is not the newest life of its node")
        }
        guard before.holders[draw.holder].map({ $0.epoch <= draw.epoch }) ?? true else {
            throw fail("\(draw.holder) got leases and does not know that it was silent")
        }
        for grant in grants {
            if let known = naive.leases[grant.id] {
                // Told again, by another clock maybe.
                if let lease = store.leases[grant.id], let record = store.accounts[lease.account] {
                    let end = max(known.endsAt, endsAt(record.period.end))
                    naive.leases[grant.id]?.endsAt = end
                }
                continue
            }
            guard let lease = store.leases[grant.id],
                let record = store.accounts[lease.account],
                let want = draw.wants.first(where: { $0.lease == grant.id })
            else { throw fail("lease \(grant.id.text) was given and does not exist") }
            guard naive.revisions[record.key] ?? 0 <= want.demand.limit.revision else {
                throw fail("lease \(grant.id.text) was given under a limit of before")
            }
            naive.revisions[record.key] = want.demand.limit.revision
            naive.leases[grant.id] = GivenLease(
                revision: want.demand.limit.revision, epoch: draw.epoch,
                endsAt: endsAt(record.period.end))
        }
    }

    /// When the ledger's clock shows an instant, if nobody sets it.
    private func endsAt(_ end: Timestamp) -> Int64 {
        end == .distantFuture ? .max : end.nanoseconds - ledgerOffset
    }

    /// Notes how accounts stood in the middle of a transaction, as those who were refused saw them.
    private mutating func noteBetween(_ answers: [LedgerAnswer]) {
        for case .drawn(.refused(_, let snapshots, _)) in answers {
            for snapshot in snapshots {
                let account = snapshot.account
                let taken = account.capacity - account.extra - account.available
                naive.note(taken: taken, of: snapshot.key, at: time)
            }
        }
    }

    /// Looks at what can be told when a transaction had one command only.
    private func observeAlone(
        _ command: LedgerCommand,
        _ answer: LedgerAnswer,
        _ before: Snapshot
    ) throws(SimulationFailure) {
        switch (command, answer) {
        case (.sweep, _): try checkSweep(before)
        case (.draw(let draw), .drawn(.granted)): try checkSizes(draw, before)
        case (.draw(let draw), .drawn(.refused(let violations, _, let recalls))):
            try checkRecalls(draw, violations, recalls)
        case (.conclude(let conclude), .concluded(.done)): try checkPosting(conclude, before)
        default: break
        }
    }

    /// What draws of a transaction took, of each account, before its last other command: that may
    /// have made what a period inherits smaller, and does not take back what was lent by then.
    private func lent(
        _ commands: [LedgerCommand],
        _ answers: [LedgerAnswer]
    ) -> [AccountID: Int64] {
        let last = commands.lastIndex { command in
            if case .draw = command { false } else { true }
        }
        var lent: [AccountID: Int64] = [:]
        for case .drawn(.granted(let grants, _)) in answers[..<(last ?? 0)] {
            for grant in grants {
                guard let lease = store.leases[grant.id] else { continue }
                lent[lease.account, default: 0] += grant.size
            }
        }
        return lent
    }

    private mutating func observeAccounts(_ before: Snapshot, _ lent: [AccountID: Int64]) {
        // What closed now may have been raised before.
        let closed = store.archives[before.archiveCount...].map { ($0.record.id, $0.record) }
        for (id, record) in store.accounts.map({ ($0, $1) }) + closed {
            let account = record.account
            let old = before.accounts[id]
            naive.revisions[id.key] = max(naive.revisions[id.key] ?? 0, account.limitRevision)
            if old?.capacity != account.capacity {
                naive.setCapacity(
                    account.capacity, of: id, used: (old?.used ?? 0) + (lent[id] ?? 0))
            }
            if store.newest[id.key] == id.periodStart {
                let taken = account.capacity - account.extra - account.available
                naive.note(taken: taken, of: id.key, at: time)
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
            for tenant in plan.tenants(sharing: id.key) {
                grown[tenant, default: [:]][id.key] = record.account.version
            }
        }
        for (tenant, accounts) in grown.sorted(by: { $0.key < $1.key }) {
            for node in nodes.indices { send(.grown(accounts, tenant, node: node)) }
        }
    }

    /// The rows that a command may change, before it.
    struct Snapshot {
        let accounts: [AccountID: Account]
        let reservations: [ReservationID: Reservation]
        let leases: [GrantID: LeaseRecord]
        let holders: [Holder: HolderRecord]
        let ends: [AccountID: Timestamp]
        let archiveCount: Int

        init(_ store: MemoryStore) {
            accounts = store.accounts.mapValues(\.account)
            reservations = store.reservations
            leases = store.leases
            holders = store.holders
            ends = store.accounts.mapValues(\.period.end)
            archiveCount = store.archives.count
        }
    }
}
