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
        let (grants, leases) = try carveUse(of: ended)
        var uses: [MeterID: Int64] = [:]
        for charge in ended.settled { uses[charge.meter] = charge.amount }
        guard let ending = try end(grants, uses: uses) else { return .outOfRange }
        for lease in leases { stage(lease) }
        changes.pieces[ended.id] = []
        changes.owners[ended.id] = .some(nil)
        try stage(ending, of: ended)
        try book(ended.settled, of: ended, ending, note: command.note)
        try chargeRates(ended.settled, of: ended)
        return .done(ended)
    }

    /// What a reservation used of its node's leases, as grants, and the leases without it.
    private func carveUse(
        of reservation: Reservation
    ) throws(LedgerError) -> (grants: [GrantRecord], leases: [LeaseRecord]) {
        var grants: [GrantRecord] = []
        var leases: [LeaseRecord] = []
        for (index, piece) in try pieces(of: reservation.id).enumerated() {
            guard var lease = try lease(piece.lease) else { throw .unknownLease(piece.lease) }
            guard let charge = reservation.settled.first(where: { $0.meter == lease.meter }) else {
                continue
            }
            // What others hold of the lease is theirs.
            let others = try heldUnits(of: lease, but: reservation.id)
            let used = min(charge.amount, piece.units, max(0, lease.grant.rest - others))
            grants.append(
                try carve(
                    HeldPiece(lease: piece.lease, units: used), index: index, of: reservation.id,
                    from: &lease))
            leases.append(lease)
        }
        return (grants, leases)
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
            for charge in folded.reservation.settled where charge.amount > 0 {
                let leases = try yield(charge, of: folded)
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

    /// Notes that a charge does not count; answers the leases that it was taken from.
    private mutating func yield(
        _ charge: Charge,
        of folded: FoldedReservation
    ) throws(LedgerError) -> [GrantID] {
        var leases: [GrantID] = []
        for piece in folded.pieces {
            guard var lease = try lease(piece.lease), lease.meter == charge.meter else { continue }
            lease.yielded += min(charge.amount, piece.units)
            lease.yieldedOverage += max(0, charge.amount - piece.units)
            changes.leases[piece.lease] = lease
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
