package import QuotaEngine
import QuotaLedger
package import QuotaModel

// Reservations that the node holds.
extension LeaseTable {
    /// Whether a reservation ended here and the ledger does not know of it: fold the journal before
    /// the ledger is asked.
    package func isUnfolded(_ id: ReservationID, of tenant: TenantID) -> Bool {
        tenants[tenant]?.unfoldedEnds.contains(id) ?? false
    }

    /// Ends a reservation that this node holds.
    ///
    /// - Parameters:
    ///   - id: the reservation.
    ///   - tenant: whose it is.
    ///   - event: what is said of it.
    ///   - now: the wall clock.
    ///   - steady: the steady clock.
    /// - Returns: the reservation as it ended and what has to be written; nil when it is not held
    ///   here (any more).
    /// - Throws: why it can't end that way.
    package mutating func conclude(
        _ id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        now: Timestamp,
        steady: Timestamp
    ) throws(ReservationError) -> (Reservation, JournalEntry)? {
        guard let hold = tenants[tenant]?.holds[id] else { return nil }
        var ended = hold.reservation
        ended.endedByExpiry = event == .expire
        switch try ended.action(for: event, now: now) {
        case .settle(let charges):
            ended.state = .settled
            ended.settled = charges
        case .void: ended.state = .voided
        case .suspend: ended.state = .suspect
        case .confirmVoid, .repeatOutcome: return nil
        }
        guard hold.pieces.allSatisfy({ canRelease($0, of: ended) }) else { throw .outOfRange }
        for piece in hold.pieces { release(piece, of: ended, steady: steady) }
        owe(ended, steady: steady)
        tenants[tenant]?.holds[id] = nil
        tenants[tenant]?.unfoldedEnds.insert(id)
        let conclusion = Conclusion(
            id: id, state: ended.state, settled: ended.settled.map(\.amount),
            endedByExpiry: ended.endedByExpiry)
        return (ended, .concluded(conclusion))
    }

    /// Whether what was used beyond a piece can be counted: the ledger has to book it in 64 bits.
    private func canRelease(_ piece: Hold.Piece, of ended: Reservation) -> Bool {
        guard let account = tenants[ended.tenant]?.accounts[piece.account] else { return true }
        let used = ended.settled.first { $0.meter == piece.meter }?.amount ?? 0
        if used <= piece.units { return true }
        var sum = Int128(used - piece.units)
        for lease in account.leases { sum += Int128(lease.overage) }
        return sum + Int128(account.snapshot?.account.posted ?? 0) <= Int128(Int64.max / 4)
    }

    private mutating func release(
        _ piece: Hold.Piece,
        of ended: Reservation,
        steady: Timestamp
    ) {
        guard var account = tenants[ended.tenant]?.accounts[piece.account],
            let index = account.leases.firstIndex(where: { $0.id == piece.lease })
        else { return }
        account.leases[index].held -= piece.units
        switch ended.state {
        case .settled:
            let used = ended.settled.first { $0.meter == piece.meter }?.amount ?? piece.units
            account.leases[index].used += min(used, piece.units)
            account.leases[index].overage += max(0, used - piece.units)
        case .suspect: account.leases[index].moved += piece.units
        case .voided, .held: break
        }
        account.leases[index].usedAt = steady
        // There may be more than when the ledger refused.
        if !omitted.contains(.refusalsEnd) { account.refusal = nil }
        tenants[ended.tenant]?.accounts[piece.account] = account
    }

    /// Use beyond what was held becomes a debt of the rates that the reservation passed.
    private mutating func owe(_ ended: Reservation, steady: Timestamp) {
        guard ended.state == .settled else { return }
        for held in ended.rates {
            guard let hold = ended.held.first(where: { $0.meter == held.meter }),
                let charge = ended.settled.first(where: { $0.meter == held.meter }),
                charge.amount > hold.amount,
                let key = tenants[ended.tenant]?.buckets.keys
                    .first(where: { $0.limit == ExactString(held.limit) }),
                var bucket = tenants[ended.tenant]?.buckets[key]
            else { continue }
            let rate = TokenBucket.Rate(
                quantity: held.quantity, windowNanoseconds: held.windowNanoseconds,
                burst: held.burst)
            bucket.refill(rate, now: steady)
            _ = bucket.take(charge.amount - hold.amount, rate, enforced: false)
            tenants[ended.tenant]?.buckets[key] = bucket
        }
    }

    /// The reservations of a tenant whose time to live has passed.
    package func due(of tenant: TenantID, now: Timestamp) -> [ReservationID] {
        (tenants[tenant]?.holds ?? [:]).values
            .filter { $0.reservation.expiresAt <= now }
            .map(\.reservation.id).sorted()
    }
}
