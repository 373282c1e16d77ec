import QuotaEngine
import QuotaModel

// Reservations of a node that was silent: the first end stands, whoever says it.
extension LedgerTransaction {
    /// Ends a reservation in the place of a node that holds it and is silent.
    ///
    /// What is used leaves its leases, as grants of its own, so that the node's later reports go on
    /// where they were. The rest stays suspect: the node may have ended the reservation, and used
    /// its units for others.
    mutating func takeOver(
        _ reservation: Reservation,
        _ command: ConcludeCommand,
        from holder: HolderRecord
    ) throws(LedgerError) -> ConcludeAnswer {
        // Of time, the node knows itself.
        if command.event == .expire || !isSilent(holder) { return .heldBy(holder.id) }
        let ended: Reservation
        do {
            guard let outcome = try reservation.ended(by: command.event, now: now) else {
                return .done(reservation)
            }
            ended = outcome
        } catch {
            return .refused(error)
        }
        try silence(holder)
        var accounts: [AccountID] = []
        for piece in try pieces(of: ended.id) {
            if let lease = try lease(piece.lease) { accounts.append(lease.account) }
        }
        try moveOn(from: accounts)
        let (grants, uses, leases) = try carveUse(of: ended)
        guard let ending = try end(grants, uses: uses) else { return .outOfRange }
        for lease in leases { stage(lease) }
        changes.pieces[ended.id] = []
        changes.owners[ended.id] = .some(nil)
        try stage(ending, of: ended)
        try book(ended.settled, of: ended, ending, note: command.note)
        try chargeRates(ended.settled, of: ended)
        return .done(ended)
    }

    /// What a reservation used of its node's leases, as grants with the use of each, and the leases
    /// without it.
    private func carveUse(
        of reservation: Reservation
    ) throws(LedgerError) -> (grants: [GrantRecord], uses: [Int64], leases: [LeaseRecord]) {
        var grants: [GrantRecord] = []
        var uses: [Int64] = []
        var leases: [LeaseRecord] = []
        let shares = try shares(of: reservation.settled, over: try pieces(of: reservation.id))
        for (index, (piece, share)) in shares.enumerated() {
            guard var lease = try lease(piece.lease) else { throw .unknownLease(piece.lease) }
            // What others hold of the lease is theirs.
            let others = try heldUnits(of: lease, but: reservation.id)
            let used = min(share.used, max(0, lease.grant.rest - others))
            grants.append(
                try carve(
                    HeldPiece(lease: piece.lease, units: used), index: index, of: reservation.id,
                    from: &lease))
            uses.append(share.units)
            leases.append(lease)
        }
        return (grants, uses, leases)
    }

    /// How what was used falls on the pieces that a reservation holds of leases; those of meters of
    /// which nothing is said are left out.
    func shares(
        of settled: [Charge],
        over pieces: [HeldPiece]
    ) throws(LedgerError) -> [(piece: HeldPiece, share: HeldShare)] {
        var limits: [(limit: AccountKey, meter: MeterID)] = []
        for piece in pieces {
            guard let lease = try lease(piece.lease) else { throw .unknownLease(piece.lease) }
            limits.append((lease.account.key, lease.meter))
        }
        var shares = [HeldShare?](repeating: nil, count: pieces.count)
        for charge in settled {
            let places = pieces.indices.filter { limits[$0].meter == charge.meter }
            let found = HeldShare.shares(
                of: charge.amount, over: places.map { (limits[$0].limit, pieces[$0].units) })
            for (place, share) in zip(places, found) { shares[place] = share }
        }
        return zip(pieces, shares).compactMap { piece, share in share.map { (piece, $0) } }
    }

    /// Whether the ledger has ended a reservation in the place of the node that reports of it.
    func isTakenOver(
        _ id: ReservationID,
        from holder: Holder
    ) throws(LedgerError) -> Bool {
        guard try reservation(id) != nil else { return false }
        return try owner(of: id) != holder
    }

    /// A part of a journal without the ends of reservations that the ledger has ended meanwhile.
    ///
    /// The leases keep what the node counts of them and the ledger does not.
    mutating func yielding(_ fold: FoldCommand) throws(LedgerError) -> FoldCommand {
        var ignored: [FoldedReservation] = []
        for folded in fold.reservations
        where try isTakenOver(folded.reservation.id, from: fold.holder) {
            ignored.append(folded)
        }
        if ignored.isEmpty { return fold }
        let ids = Set(ignored.map(\.reservation.id.text))
        let mine = fold.events.filter { ids.contains($0.event.id) }
        var sums = fold.sums
        for folded in ignored where folded.reservation.state == .settled {
            let shares = try shares(
                of: folded.reservation.settled, over: try knownPieces(of: folded))
            for (piece, share) in shares { try yield(share, of: piece) }
            for charge in folded.reservation.settled where charge.amount > 0 {
                let leases = try leases(of: charge.meter, in: folded)
                let hasEvent = mine.contains { event in
                    event.event.id == folded.reservation.id.text
                        && event.event.meter == charge.meter
                }
                sums.subtract(
                    charge.amount, from: folded.reservation.hour(of: charge.meter), leases,
                    hasEvents: hasEvent)
            }
        }
        return FoldCommand(
            holder: fold.holder, ranges: fold.ranges, uses: fold.uses, sums: sums,
            events: fold.events.filter { !ids.contains($0.event.id) }, requests: fold.requests,
            reservations: fold.reservations.filter { !ids.contains($0.reservation.id.text) },
            answers: fold.answers, buckets: fold.buckets)
    }

    /// The pieces of a reservation whose leases the ledger has.
    private func knownPieces(of folded: FoldedReservation) throws(LedgerError) -> [HeldPiece] {
        var pieces: [HeldPiece] = []
        for piece in folded.pieces where try lease(piece.lease) != nil { pieces.append(piece) }
        return pieces
    }

    /// Notes that what was used of a piece does not count.
    private mutating func yield(
        _ share: HeldShare,
        of piece: HeldPiece
    ) throws(LedgerError) {
        guard var lease = try lease(piece.lease) else { return }
        lease.yielded += share.used
        lease.yieldedOverage += share.beyond
        changes.leases[piece.lease] = lease
    }

    /// The leases that use of a meter was taken from.
    private func leases(
        of meter: MeterID,
        in folded: FoldedReservation
    ) throws(LedgerError) -> [GrantID] {
        var leases: [GrantID] = []
        for piece in folded.pieces where try lease(piece.lease)?.meter == meter {
            leases.append(piece.lease)
        }
        return leases
    }
}

extension Reservation {
    /// The reservation as it ends where its node can't end it; nil when it stays as it is.
    func ended(by event: ReservationEvent, now: Timestamp) throws(ReservationError) -> Reservation?
    {
        var ended = self
        switch try action(for: event, now: now) {
        case .repeatOutcome, .confirmVoid, .suspend: return nil
        case .void: ended.state = .voided
        case .settle(let charges):
            ended.state = .settled
            ended.settled = charges
        }
        return ended
    }

    /// The hour that its use of a meter is summed in.
    fileprivate func hour(of meter: MeterID) -> HourlyUsageKey {
        UsageEvent(
            tenant: tenant, id: id.text, meter: meter, units: 0, overage: 0, key: key,
            model: model, admittedAt: admittedAt, postedAt: admittedAt, adjusts: nil,
            idempotencyKey: nil, metadata: nil
        )
        .hour
    }
}

extension [UseSum] {
    /// Takes one posting out.
    fileprivate mutating func subtract(
        _ units: Int64,
        from hour: HourlyUsageKey,
        _ leases: [GrantID],
        hasEvents: Bool
    ) {
        let place = firstIndex {
            $0.key == hour && $0.hasEvents == hasEvents && Set($0.leases) == Set(leases)
        }
        guard let place else { return }
        let known = self[place]
        let rest = UsageSum(
            units: known.sum.units - units, postings: known.sum.postings - 1)
        if rest.postings <= 0 {
            remove(at: place)
        } else {
            self[place] = UseSum(
                key: known.key, sum: rest, leases: known.leases, hasEvents: known.hasEvents)
        }
    }
}
