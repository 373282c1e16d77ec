import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// A budget of a tenant as its node knows it: the leases, and the account as it was last seen.
package struct LeasedAccount: Hashable, Sendable {
    /// The leases that the ledger has not closed, the oldest first.
    package internal(set) var leases: [HeldLease] = []
    /// The account when the ledger last told of it.
    package internal(set) var snapshot: AccountSnapshot?
    /// When that was, on the steady clock.
    package internal(set) var seenAt = Timestamp.distantPast
    /// When the period that it told of ends, on the steady clock.
    var endsAt = Timestamp.distantPast
    /// What the ledger refused.
    package internal(set) var refusal: RememberedRefusal?
    /// Whether more was used than was held: nothing is spent until the ledger has said what is
    /// left.
    var isInDebt = false
    /// What the last lease was asked for.
    var wanted: Int64 = 0
    /// When the last lease was asked for, on the steady clock.
    var drawnAt = Timestamp.distantPast

    /// Keeps what the ledger told, unless something newer is known.
    ///
    /// What it leases from counts even when it is of an earlier period: its clock was set back.
    mutating func see(
        _ snapshot: AccountSnapshot,
        sentAt: Timestamp,
        at steady: Timestamp,
        isLeasedFrom: Bool
    ) {
        if let known = self.snapshot {
            if known.order > snapshot.order { return }
            // A period that is over says nothing about the one that followed.
            if !isLeasedFrom, known.period.start > snapshot.period.start { return }
        }
        self.snapshot = snapshot
        seenAt = steady
        endsAt = snapshot.end(sentAt: sentAt)
        // What the ledger does not know of any more is closed there as well.
        let known = Set(snapshot.leases.map(\.id))
        leases.removeAll {
            ($0.isFolded || $0.isClosed && $0.period.start == snapshot.period.start)
                && !known.contains($0.id)
        }
    }

    /// The balances as they are, as far as the node can know: its own leases count with what was
    /// taken from them, not with their size.
    var account: Account? {
        guard let snapshot else { return nil }
        let seen = snapshot.account
        var (available, escrowed, posted) = (seen.available, seen.escrowed, seen.posted)
        var suspect = seen.suspect
        for known in snapshot.leases where known.state == .open {
            guard let lease = leases.first(where: { $0.id == known.id }) else { continue }
            let overage = lease.overage - known.overage
            let moved = lease.moved - known.carved
            available += known.rest + known.posted - lease.used - lease.held - overage - moved
            suspect += moved
            escrowed += lease.held - known.rest
            posted += lease.used - known.posted + overage
        }
        return Account(
            capacity: seen.capacity, available: available, escrowed: escrowed,
            suspect: suspect, posted: posted, isUnlimited: seen.isUnlimited,
            state: seen.state, limitRevision: seen.limitRevision, version: seen.version)
    }

    /// Whether the ledger does not know yet of use beyond what was held, and would lease what such
    /// a debt has to stop.
    var owes: Bool { leases.contains { $0.overage > $0.foldedOverage } }

    /// Whether there are leases whose period is over that could be closed there, and are not, while
    /// the ledger may close their account: use that it hears of later counts in another period.
    func isBehind(_ steady: Timestamp) -> Bool {
        leases.contains { lease in
            isOver(lease, steady) && !lease.isFolded && !isInGrace(lease, steady)
                && (lease.isClosed || lease.free > 0 || lease.held == 0)
        }
    }

    /// Whether a lease's period ended by its time, and so lately that its account is not closed
    /// before the journal is folded: half of the grace is for that.
    private func isInGrace(_ lease: HeldLease, _ steady: Timestamp) -> Bool {
        !lease.isRecalled && lease.endsAt <= steady
            && steady.nanoseconds(since: lease.endsAt) < AccountLifecycle.graceNanoseconds / 2
    }

    /// Whether a lease's period is over, also before its time.
    func isOver(_ lease: HeldLease, _ steady: Timestamp) -> Bool {
        lease.isRecalled || steady >= lease.endsAt
            || lease.period.start < snapshot?.period.start ?? .distantPast
    }

    /// The lease to take `amount` from; nil when none has as much.
    func lease(for amount: Int64, revision: Int64, epoch: Int64?, steady: Timestamp) -> Int? {
        if isInDebt { return nil }
        return leases.firstIndex {
            $0.free >= amount && !isOver($0, steady)
                && $0.isSpendable(revision: revision, epoch: epoch)
        }
    }

    /// Changes one of the leases.
    mutating func change(_ lease: GrantID, _ body: (inout HeldLease) -> Void) {
        guard let index = leases.firstIndex(where: { $0.id == lease }) else { return }
        body(&leases[index])
    }

    /// Whether a refusal that is remembered holds for `amount`.
    func refuses(
        _ amount: Int64,
        revision: Int64,
        growth: Int64,
        steady: Timestamp
    ) -> Bool {
        guard let refusal, let snapshot, refusal.growth == growth else { return false }
        return amount >= refusal.amount && steady < refusal.until && steady < endsAt
            && refusal.version == snapshot.account.version && refusal.revision >= revision
    }

    /// Whether the balances are fresh enough to tell a caller why something else refuses.
    func isFresh(_ steady: Timestamp) -> Bool {
        snapshot != nil && steady < endsAt
            && steady.nanoseconds(since: seenAt) < RememberedRefusal.memoryNanoseconds
    }
}
