package import QuotaEngine
import QuotaLedger
package import QuotaModel

// Reservations that the node holds.
extension LeaseTable {
    /// Whether a reservation ended here and the ledger does not know of it: fold the journal before
    /// the ledger is asked.
    package func isUnfolded(_ id: ReservationID, of tenant: TenantID) -> Bool {
        tenants.peek(tenant)?.unfoldedEnds.contains(id) ?? false
    }

    /// How a reservation that this node holds would end.
    ///
    /// - Parameters:
    ///   - id: the reservation.
    ///   - tenant: whose it is.
    ///   - event: what is said of it.
    ///   - note: what is kept with the use.
    ///   - now: the wall clock.
    /// - Returns: the reservation as it ends and what has to be written before ``end(_:steady:)``;
    ///   nil when it is not held here (any more).
    /// - Throws: why it can't end that way.
    package func conclusion(
        of id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        note: String? = nil,
        now: Timestamp
    ) throws(ReservationError) -> (Reservation, JournalEntry)? {
        guard let hold = tenants.peek(tenant)?.holds[id] else { return nil }
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
        let conclusion = Conclusion(
            id: id, state: ended.state, settled: ended.settled.map(\.amount),
            endedByExpiry: ended.endedByExpiry, at: now,
            note: ended.state == .settled ? note : nil)
        return (ended, .concluded(conclusion))
    }

    /// Ends a reservation as ``conclusion(of:of:_:now:)`` said.
    ///
    /// - Parameters:
    ///   - ended: the reservation as it ends.
    ///   - steady: the steady clock.
    package mutating func end(_ ended: Reservation, steady: Timestamp) {
        guard let hold = tenants[ended.tenant]?.holds.removeValue(forKey: ended.id) else { return }
        reservations[ended.id] = nil
        tenants[ended.tenant]?.unfoldedEnds.insert(ended.id)
        for piece in hold.pieces { release(piece, of: ended, steady: steady) }
        owe(ended, steady: steady)
    }

    /// Whether what was used beyond a piece can be counted: the ledger has to book it in 64 bits.
    private func canRelease(_ piece: Hold.Piece, of ended: Reservation) -> Bool {
        guard let account = tenants.peek(ended.tenant)?.accounts[piece.account] else { return true }
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
            if used > piece.units {
                account.isInDebt = true
                places[piece.lease] = LeasePlace(tenant: ended.tenant, account: piece.account)
            }
        case .suspect: account.leases[index].moved += piece.units
        case .voided, .held: break
        }
        account.leases[index].usedAt = steady
        // There may be more than when the ledger refused.
        if !omitted.contains(.refusalsEnd) { account.refusal = nil }
        grow(piece.account)
        tenants[ended.tenant]?.accounts[piece.account] = account
    }

    /// Use beyond what was held becomes a debt of the rates that the reservation passed.
    private mutating func owe(_ ended: Reservation, steady: Timestamp) {
        guard ended.state == .settled else { return }
        for held in ended.rates {
            guard let hold = ended.held.first(where: { $0.meter == held.meter }),
                let charge = ended.settled.first(where: { $0.meter == held.meter }),
                charge.amount > hold.amount
            else { continue }
            let (key, isShared) = bucketKey(held, of: ended.tenant)
            let known = isShared ? sharedBuckets[key] : tenants[ended.tenant]?.buckets[key]
            guard var bucket = known?.bucket else { continue }
            let rate = TokenBucket.Rate(
                quantity: held.quantity, windowNanoseconds: held.windowNanoseconds,
                burst: held.burst)
            bucket.refill(rate, now: steady)
            _ = bucket.take(charge.amount - hold.amount, rate, enforced: false)
            var state = take(ended.tenant)
            keep(bucket, rate, key, isShared: isShared, &state)
            put(state, ended.tenant)
        }
    }

    /// The bucket that a reservation passed.
    private func bucketKey(
        _ held: Reservation.HeldRate,
        of tenant: TenantID
    ) -> (AccountKey, isShared: Bool) {
        let own = AccountKey(tenant: tenant, limit: held.limit)
        guard tenants.peek(tenant)?.buckets[own] == nil,
            let organization = tenants.peek(tenant)?.organization
        else { return (own, false) }
        return (
            AccountKey(tenant: AccountKey.owner(of: organization), limit: held.limit), true
        )
    }

    /// The reservations whose time to live has passed.
    package func due(now: Timestamp) -> [Reservation] {
        reservations
            .compactMap { id, tenant in tenants.peek(tenant)?.holds[id]?.reservation }
            .filter { $0.expiresAt <= now }
            .sorted { $0.id < $1.id }
    }
}
