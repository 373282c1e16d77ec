import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// A budget of a tenant as its node knows it: the leases, and the account as it was last seen.
package struct LeasedAccount: Sendable {
    /// The leases that the ledger has not closed, the oldest first.
    package internal(set) var leases: [HeldLease] = []
    /// The account when the ledger last told of it.
    package internal(set) var snapshot: AccountSnapshot?
    /// When that was, on the steady clock.
    package internal(set) var seenAt = Timestamp.distantPast
    /// What the ledger refused.
    package internal(set) var refusal: RememberedRefusal?
    /// What the last lease was asked for.
    var wanted: Int64 = 0
    /// When the last lease was asked for, on the steady clock.
    var drawnAt = Timestamp.distantPast

    /// Keeps what the ledger told, unless something newer is known.
    mutating func see(_ snapshot: AccountSnapshot, at steady: Timestamp) {
        if let known = self.snapshot, known.order > snapshot.order { return }
        self.snapshot = snapshot
        seenAt = steady
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
        for known in snapshot.leases where known.state == .open {
            guard let lease = leases.first(where: { $0.id == known.id }) else { continue }
            let overage = lease.overage - known.overage
            available += known.rest + known.posted - lease.used - lease.held - overage
            escrowed += lease.held - known.rest
            posted += lease.used - known.posted + overage
        }
        return Account(
            capacity: seen.capacity, available: available, escrowed: escrowed,
            suspect: seen.suspect, posted: posted, isUnlimited: seen.isUnlimited,
            state: seen.state, limitRevision: seen.limitRevision, version: seen.version)
    }

    /// Whether the ledger does not know yet of use beyond what was held, and would lease what such
    /// a debt has to stop.
    var owes: Bool { leases.contains { $0.overage > $0.foldedOverage } }

    /// The lease to take `amount` from; nil when none has as much.
    func lease(for amount: Int64, revision: Int64, epoch: Int64?, now: Timestamp) -> Int? {
        leases.firstIndex {
            $0.free >= amount && $0.isSpendable(revision: revision, epoch: epoch, now: now)
        }
    }

    /// Whether a refusal that is remembered holds for `amount`.
    func refuses(_ amount: Int64, revision: Int64, now: Timestamp, steady: Timestamp) -> Bool {
        guard let refusal, let snapshot else { return false }
        return amount >= refusal.amount && steady < refusal.until && now < snapshot.period.end
            && refusal.version == snapshot.account.version && refusal.revision >= revision
    }

    /// Whether the balances are fresh enough to tell a caller why something else refuses.
    func isFresh(now: Timestamp, steady: Timestamp) -> Bool {
        guard let snapshot else { return false }
        return steady.nanoseconds(since: seenAt) < RememberedRefusal.memoryNanoseconds
            && now < snapshot.period.end
    }
}
