import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization
import UsageJournal

// What a node does beside answering.
extension LeaseManager {
    /// How long the node may say nothing to the ledger: 10 s, in nanoseconds.
    static let heartbeatNanoseconds: Int64 = 10_000_000_000
    /// A draw that wants nothing opens no period.
    private static let anyCalendar = TenantCalendar(zone: .utc)

    /// Folds everything that was written before the call.
    func fold() async throws(NodeError) { try await folder.foldAll(self) }

    /// Does what ``fold()`` does, where the ledger can take it: while its disk is full, reads go on
    /// with what it has.
    func foldIfPossible() async throws(NodeError) {
        try await ifPossible { () async throws(NodeError) in try await fold() }
    }

    /// Does something that helps a look, but is not needed for it.
    func ifPossible(_ body: () async throws(NodeError) -> Void) async throws(NodeError) {
        do throws(NodeError) { try await body() } catch {
            guard case .ledger(let cause) = error,
                [.diskFull, .busy, .unreachable].contains(cause.code)
            else { throw error }
        }
    }

    /// The buckets that have changed since the last call.
    func takeChangedBuckets() -> [BucketRecord] {
        shards.flatMap { $0.state.withLock { $0.table.takeChangedBuckets() } }
    }

    /// The ledger has taken a part of the journal over.
    func didFold(
        _ command: FoldCommand,
        _ snapshots: [AccountSnapshot],
        epoch: Int64,
        sentAt: Timestamp
    ) {
        heardAt.withLock { $0 = max($0, sentAt) }
        let told = command.told
        for shard in shards {
            shard.state.withLock { shard in
                shard.table.acknowledge(sentAt: sentAt)
                shard.table.enter(epoch: epoch)
                if let told { shard.table.note(told) }
                if !snapshots.isEmpty { shard.table.see(snapshots, steady: sentAt) }
            }
        }
        if command.answers.isEmpty { return }
        answers.withLock { answers in
            for record in command.answers where answers[record.id]?.record == record {
                answers[record.id] = nil
            }
        }
    }

    // MARK: Giving back

    /// Gives back all that a tenant has and does not use, and lets the ledger know all that was
    /// used: what is asked of it next is answered with exact figures.
    func recall(_ tenant: TenantID) async throws(NodeError) { try await recall([tenant]) }

    /// The same for several tenants.
    func recall(_ tenants: Set<TenantID>) async throws(NodeError) {
        try await recall { $0.known(of: tenants) }
        for shard in shards {
            for tenant in shard.known(of: tenants) {
                shard.state.withLock { $0.table.forgetBalances(of: tenant) }
            }
        }
    }

    /// Gives back leases that were the last of their accounts, so that the ledger can tell who has
    /// used up a budget.
    func recallLast() async throws(NodeError) {
        try await recall { shard in shard.state.withLock { $0.table.drained.sorted() } }
    }

    /// Gives back all that some tenants of each shard do not use, and lets the ledger know all that
    /// was used; the shards beside each other, so that the ledger commits much at once.
    private func recall(
        _ tenants: (LockedShard) -> [TenantID]
    ) async throws(NodeError) {
        let failure = await withTaskGroup(of: NodeError?.self) { group in
            for shard in shards {
                let tenants = tenants(shard)
                if tenants.isEmpty { continue }
                group.addTask {
                    do throws(NodeError) {
                        for tenant in tenants {
                            try await self.giveBack(tenant, in: shard, everything: true)
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
        try await fold()
    }

    /// Gives back what the other tenants of an organization have of accounts, so that one of them
    /// gets it.
    func recall(
        _ accounts: [AccountKey],
        except tenant: TenantID,
        in shard: LockedShard
    ) async throws(NodeError) {
        let holders = shard.state.withLock { $0.table.holders(of: accounts) }
        for holder in holders where holder != tenant {
            try await giveBack(holder, in: shard, everything: true)
        }
        shard.state.withLock { $0.table.forgetRefusals(of: accounts, tenant: tenant) }
    }

    /// Gives back what is leased of an account and not used: another node wants it.
    func surrender(_ account: AccountKey) async throws(NodeError) {
        let shard = shard(named: account.tenant.text)
        let holders = shard.state.withLock { $0.table.holders(of: [account]) }
        for holder in holders { try await giveBack(holder, in: shard, everything: true) }
        if !holders.isEmpty { try await fold() }
    }

    /// Gives back what a tenant does not use: everything, or what has been idle.
    func giveBack(
        _ tenant: TenantID,
        in shard: LockedShard,
        everything: Bool
    ) async throws(NodeError) {
        if everything { await waitForDraw(of: tenant, in: shard) }
        let steady = steadyClock()
        let result = shard.state.withLock { locked in
            Result { () throws(JournalError) -> (DrawCommand, JournalMark?)? in
                guard
                    let (returns, entries) = locked.table.giveBack(
                        tenant, everything: everything, steady: steady)
                else { return nil }
                let command = giving(returns, of: tenant, epoch: locked.table.epoch)
                do throws(JournalError) {
                    try write(entries, of: tenant, &locked)
                } catch {
                    locked.table.withdraw(command, sequence: sequence)
                    throw error
                }
                // What goes back was given free by what the journal says until here.
                return (command, locked.mark)
            }
        }
        let made: (DrawCommand, JournalMark?)?
        do throws(JournalError) { made = try result.get() } catch { throw .journal(error) }
        guard let (command, mark) = made else { return }
        do throws(NodeError) {
            try await journal.wait(for: mark)
            if !command.returns.isEmpty { try await send(command) }
        } catch {
            shard.state.withLock { $0.table.withdraw(command, sequence: sequence) }
            throw error
        }
    }

    private func giving(
        _ returns: [LeaseReturn],
        of tenant: TenantID,
        epoch: Int64
    ) -> DrawCommand {
        DrawCommand(
            holder: holder, epoch: epoch, floor: sequence.floor, tenant: tenant,
            calendar: Self.anyCalendar, returns: returns)
    }

    /// Sends a draw that wants nothing.
    private func send(_ command: DrawCommand) async throws(NodeError) {
        let sentAt = steadyClock()
        do throws(LedgerError) {
            switch try await ledger.draw(command) {
            case .granted: acknowledge(sentAt: sentAt)
            case .silent(let epoch):
                acknowledge(sentAt: sentAt)
                for shard in shards { shard.state.withLock { $0.table.enter(epoch: epoch) } }
            case .fenced: for shard in shards { shard.state.withLock { $0.table.fence() } }
            case .refused, .outdated, .stale, .outOfRange: break
            }
        } catch {
            throw .ledger(error)
        }
    }

    // MARK: From time to time

    /// Does what has become due: ends reservations whose time has passed, gives back what nobody
    /// uses, forgets tenants that are gone, and says that the node lives.
    ///
    /// - Returns: how many reservations ended.
    func tend() async throws(NodeError) -> Int {
        var count = 0
        var failure: NodeError?
        for shard in shards {
            // What fails for one does not keep the others waiting.
            do throws(NodeError) {
                count += try await expireDue(in: shard)
                let steady = steadyClock()
                try await giveBackIdle(
                    shard.state.withLock { $0.table.tenantsBehind(steady) }, in: shard)
            } catch {
                failure = failure ?? error
            }
        }
        let number = nextTended.wrappingAdd(1, ordering: .relaxed).oldValue
        let shard = shards[((number % shards.count) + shards.count) % shards.count]
        for tenant in shard.state.withLock({ Array($0.table.tenants.ids) }) {
            do throws(NodeError) {
                try await giveBack(tenant, in: shard, everything: false)
            } catch {
                failure = failure ?? error
            }
            let steady = steadyClock()
            shard.state.withLock { _ = $0.table.evict(tenant, steady: steady) }
        }
        let steady = steadyClock()
        shard.state.withLock { $0.table.forgetFullBuckets(steady: steady) }
        if steady.nanoseconds(since: heardAt.withLock { $0 }) >= Self.heartbeatNanoseconds {
            let epoch = shard.state.withLock { $0.table.epoch }
            try await send(giving([], of: TenantID(trusted: ""), epoch: epoch))
        }
        do throws(JournalError) { try await journal.prepare() } catch { throw .journal(error) }
        if let failure { throw failure }
        return count
    }

    /// How many tenants give back at once: what the ledger commits together, decisions wait for.
    private static let givesAtOnce = 4

    /// How many tenants give back between two folds: one fold closes what they have given back, and
    /// decisions wait for that, too.
    private static let givesPerFold = 32

    /// Gives back what tenants don't use.
    private func giveBackIdle(
        _ tenants: [TenantID],
        in shard: LockedShard
    ) async throws(NodeError) {
        for start in stride(from: 0, to: tenants.count, by: Self.givesPerFold) {
            let end = min(start + Self.givesPerFold, tenants.count)
            try await giveBack(tenants[start..<end], in: shard)
            if end < tenants.count { try await foldIfPossible() }
        }
    }

    /// Some beside each other, so that the ledger commits them together.
    private func giveBack(
        _ tenants: ArraySlice<TenantID>,
        in shard: LockedShard
    ) async throws(NodeError) {
        let failure = await withTaskGroup(of: NodeError?.self) { group in
            var failure: NodeError?
            for (count, tenant) in tenants.enumerated() {
                if count >= Self.givesAtOnce, let ended = await group.next() {
                    failure = failure ?? ended
                }
                if failure != nil { break }
                group.addTask {
                    do throws(NodeError) {
                        try await self.giveBack(tenant, in: shard, everything: false)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(failure) { $0 ?? $1 }
        }
        if let failure { throw failure }
    }

    private func expireDue(in shard: LockedShard) async throws(NodeError) -> Int {
        let now = clock()
        let due = shard.state.withLock { $0.table.due(now: now) }
        for reservation in due {
            _ = try await conclude(
                reservation.id, of: reservation.tenant, .expire, in: shard)
        }
        return due.count
    }

    /// Gives everything back that nothing holds, and lets the ledger know of everything.
    func recallAll() async throws(NodeError) {
        try await recall { shard in shard.state.withLock { Array($0.table.tenants.ids) } }
    }

    /// Gives everything back and ends this life: nobody has to recover it.
    func end() async throws(NodeError) {
        try await recallAll()
        for shard in shards { shard.state.withLock { $0.writer.stop() } }
        do throws(JournalError) { try await journal.close() } catch { throw .journal(error) }
        // Nothing follows any more, and nothing may be left.
        try await fold()
        guard await folder.isComplete(self) else {
            throw .ledger(LedgerError(.invariant, "the journal is not folded to its end"))
        }
        do throws(LedgerError) {
            _ = try await ledger.change(
                .endHolder(EndHolderCommand(holder: holder, evidence: .complete)))
        } catch {
            throw .ledger(error)
        }
        do throws(JournalError) { try await journal.remove() } catch { throw .journal(error) }
    }
}

extension LeaseManager.LockedShard {
    /// Those of the tenants that have something here.
    func known(of tenants: Set<TenantID>) -> [TenantID] {
        state.withLock { shard in tenants.filter { shard.table.tenants.contains($0) } }
    }
}

extension FoldCommand {
    /// What a table has to know of it; nil for nothing.
    fileprivate var told: FoldCommand? {
        let uses = uses.filter { $0.overage > 0 || $0.isClosed }
        return uses.isEmpty ? nil : FoldCommand(holder: holder, ranges: [], uses: uses)
    }
}
