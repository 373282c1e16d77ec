import QuotaEngine
import QuotaModel

// What a node leaves whose journal is lost.
extension LedgerTransaction {
    /// Ends a reservation whose node is over and whose journal is lost: what was used leaves its
    /// leases, which stay suspect otherwise.
    mutating func end(
        _ reservation: Reservation,
        _ command: ConcludeCommand,
        holding pieces: [HeldPiece]
    ) throws(LedgerError) -> ConcludeAnswer {
        let ended: Reservation
        do {
            guard let outcome = try reservation.ended(by: command.event, now: now) else {
                return .done(reservation)
            }
            ended = outcome
        } catch {
            return .refused(error)
        }
        var ending = Ending()
        for charge in ended.settled {
            let held = ended.held.first { $0.meter == charge.meter }?.amount ?? 0
            ending.overages[charge.meter] = max(0, charge.amount - held)
        }
        for (piece, share) in try shares(of: ended.settled, over: pieces) {
            guard var lease = try lease(piece.lease) else { throw .unknownLease(piece.lease) }
            let covered = min(share.used, lease.grant.rest)
            let (overage, overflow) = lease.grant.overage
                .addingReportingOverflow(share.units - covered)
            if overflow { return .outOfRange }
            let adjusts = try report(
                &lease, used: lease.grant.posted + covered, overage: overage)
            ending.adjusts = adjusts ?? ending.adjusts
            stage(lease)
        }
        changes.reservations[ended.id] = ended
        changes.pieces[ended.id] = []
        changes.owners[ended.id] = .some(nil)
        try book(ended.settled, of: ended, ending, note: command.note)
        try chargeRates(ended.settled, of: ended)
        return .done(ended)
    }

    /// Says what was used of a lease in all, and gives the rest back, but for what reservations
    /// hold of it that nobody has ended.
    ///
    /// The same use was taken from a lease of each other limit of its request, and nobody knows of
    /// which key and when. So it posts to the lease's account alone, and counts as usage where that
    /// is the longest budget of its tenant, through which all use goes.
    mutating func resolve(
        _ lease: LeaseRecord,
        _ used: Int64
    ) throws(LedgerError) -> ConcludeAnswer {
        if used < 0 { return .outOfRange }
        guard lease.grant.state == .suspect else { return .refused(.notExpired) }
        // A life that may still report would tell of the same use again.
        guard try holder(lease.holder)?.state == .ended else { return .heldBy(lease.holder) }
        let used = max(0, used - lease.grant.posted - lease.grant.overage)
        var lease = lease
        let held = try heldUnits(of: lease)
        let covered = max(0, min(used, lease.grant.rest - held))
        let (overage, overflow) = lease.grant.overage.addingReportingOverflow(used - covered)
        if overflow { return .outOfRange }
        // Before the account may close.
        let end = try account(lease.account)?.period.end
        let adjusts = try report(&lease, used: lease.grant.posted + covered, overage: overage)
        if held == 0 {
            try close(&lease)
        } else {
            try giveBack(&lease, keeping: held)
        }
        stage(lease)
        if used > 0, try isUsage(lease) {
            let at = min(now, end?.adding(nanoseconds: -1) ?? now)
            book(lease, units: used, beyond: used - covered, at: at, adjusts: adjusts)
        }
        return .leaseResolved(lease)
    }

    /// What reservations that nobody has ended hold of a lease.
    ///
    /// - Parameters:
    ///   - lease: the lease.
    ///   - reservation: one that does not count.
    /// - Returns: the units.
    /// - Throws: what the reader throws.
    func heldUnits(
        of lease: LeaseRecord,
        but reservation: ReservationID? = nil
    ) throws(LedgerError) -> Int64 {
        var held: Int64 = 0
        for id in try ownedReservations(of: lease.holder) where id != reservation {
            for piece in try pieces(of: id) where piece.lease == lease.grant.id {
                held += piece.units
            }
        }
        return held
    }

    private mutating func book(
        _ lease: LeaseRecord,
        units: Int64,
        beyond: Int64,
        at instant: Timestamp,
        adjusts: Timestamp?
    ) {
        // A lease can be resolved again while a reservation holds of it, for more each time.
        let total = lease.grant.posted + lease.grant.overage
        bookSums(
            UsageEvent(
                tenant: lease.tenant, id: "lease.\(lease.grant.id.text).\(total)",
                meter: lease.meter, units: units, overage: beyond, key: .service, model: nil,
                admittedAt: instant, postedAt: now, adjusts: adjusts, idempotencyKey: nil,
                metadata: nil),
            postings: 1)
    }

    /// Whether use of a lease is all use of its tenant, and no other lease stands for the same.
    private func isUsage(_ lease: LeaseRecord) throws(LedgerError) -> Bool {
        let key = lease.account.key
        guard key.tenant == lease.tenant else { return false }
        for window in Window.allCases.reversed() where window.kind == .budget {
            let name = Limit(meter: lease.meter, window: window, quantity: nil).name
            let candidate = AccountKey(tenant: lease.tenant, limit: name)
            if candidate == key { return true }
            var known = try currentAccount(candidate)
            if known == nil { known = try lastClosed(candidate) }
            // A limit that was over before the lease's period began stands for nothing. One that
            // ended with its beginning may be leased from once more, by a clock that was set back:
            // rather is use not billed than twice.
            if let known, known.period.end >= lease.account.periodStart { return false }
        }
        return false
    }
}
