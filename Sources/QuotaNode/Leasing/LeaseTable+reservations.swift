package import QuotaEngine
import QuotaLedger
package import QuotaModel

// Reservations that the node holds.
extension LeaseTable {
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
        for (piece, share) in zip(hold.pieces, hold.shares(of: ended))
        where !canRelease(piece, share, of: tenant) {
            throw .outOfRange
        }
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
        guard reservations.removeValue(forKey: ended.id) != nil else { return }
        var state = take(ended.tenant)
        if let hold = state.removeHold(ended.id) {
            let shares = hold.shares(of: ended)
            for (index, piece) in hold.pieces.enumerated() {
                let share = index < shares.count ? shares[index] : nil
                release(piece, share, of: ended, &state, steady: steady)
            }
            owe(ended, &state, steady: steady)
        }
        put(state, ended.tenant)
    }

    /// Whether what was used beyond a piece can be counted: the ledger has to book it in 64 bits.
    private func canRelease(
        _ piece: Hold.Piece,
        _ share: HeldShare,
        of tenant: TenantID
    ) -> Bool {
        if share.beyond == 0 { return true }
        guard let account = tenants.peek(tenant)?.accounts[piece.account] else { return true }
        var sum = Int128(share.beyond)
        for lease in account.leases { sum += Int128(lease.overage) }
        return sum + Int128(account.snapshot?.account.posted ?? 0) <= Int128(Int64.max / 4)
    }

    private mutating func release(
        _ piece: Hold.Piece,
        _ share: HeldShare?,
        of ended: Reservation,
        _ state: inout TenantState,
        steady: Timestamp
    ) {
        guard let place = state.accounts.index(forKey: piece.account) else { return }
        let endsRefusal = !omitted.contains(.refusalsEnd)
        let isKnown = state.accounts.values[place]
            .release(piece, share, ended.state, endsRefusal: endsRefusal, steady: steady)
        guard isKnown else { return }
        if ended.state == .settled, let share, share.beyond > 0 {
            places[piece.lease] = LeasePlace(tenant: ended.tenant, account: piece.account)
        }
        grow(piece.account)
    }

    /// Use beyond what was held becomes a debt of the rates that the reservation passed.
    private mutating func owe(
        _ ended: Reservation,
        _ state: inout TenantState,
        steady: Timestamp
    ) {
        guard ended.state == .settled else { return }
        let beyond = ended.settled.compactMap { charge in
            let held = ended.held.first { $0.meter == charge.meter }?.amount ?? 0
            return charge.amount > held
                ? Charge(meter: charge.meter, amount: charge.amount - held) : nil
        }
        if beyond.isEmpty || ended.rates.isEmpty { return }
        owe(beyond, of: ended, &state, steady: steady)
    }

    /// Takes units that nobody asked the rates of a reservation for: what is missing then stops the
    /// next admission.
    mutating func owe(
        _ charges: [Charge],
        of reservation: Reservation,
        _ state: inout TenantState,
        steady: Timestamp
    ) {
        for held in reservation.rates {
            guard let charge = charges.first(where: { $0.meter == held.meter }) else { continue }
            let (key, isShared) = bucketKey(held, of: reservation.tenant, state)
            let known = isShared ? sharedBuckets[key] : state.buckets[key]
            guard var bucket = known?.bucket else { continue }
            let rate = TokenBucket.Rate(
                quantity: held.quantity, windowNanoseconds: held.windowNanoseconds,
                burst: held.burst)
            bucket.refill(rate, now: steady)
            _ = bucket.take(charge.amount, rate, enforced: false)
            keep(bucket, rate, key, isShared: isShared, &state)
        }
    }

    /// The bucket that a reservation passed.
    private func bucketKey(
        _ held: Reservation.HeldRate,
        of tenant: TenantID,
        _ state: TenantState
    ) -> (AccountKey, isShared: Bool) {
        let own = AccountKey(tenant: tenant, limit: held.limit)
        guard state.buckets[own] == nil, let organization = state.organization else {
            return (own, false)
        }
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

extension LeasedAccount {
    /// Ends what a reservation holds of a lease.
    ///
    /// - Returns: false when there is no such lease.
    fileprivate mutating func release(
        _ piece: Hold.Piece,
        _ share: HeldShare?,
        _ end: Reservation.State,
        endsRefusal: Bool,
        steady: Timestamp
    ) -> Bool {
        guard let index = leases.firstIndex(where: { $0.id == piece.lease }) else { return false }
        leases[index].held -= piece.units
        switch end {
        case .settled:
            leases[index].used += share?.used ?? piece.units
            leases[index].overage += share?.beyond ?? 0
            if let share, share.beyond > 0 { isInDebt = true }
        case .suspect: leases[index].moved += piece.units
        case .voided, .held: break
        }
        leases[index].usedAt = steady
        assert(leases[index].isWithin, "a lease has what was taken from it")
        // There may be more than when the ledger refused.
        if endsRefusal { refusal = nil }
        return true
    }
}
