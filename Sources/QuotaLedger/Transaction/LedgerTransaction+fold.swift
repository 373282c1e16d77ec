import QuotaEngine
import QuotaModel

// The journal on its way into the ledger.
extension LedgerTransaction {
    mutating func run(_ fold: FoldCommand) throws(LedgerError) -> FoldAnswer {
        guard var record = try holder(fold.holder) else {
            return try isForgotten(fold.holder) ? .over : .unknownHolder
        }
        guard record.state == .live else { return .over }
        record.heardAt = steady
        changes.holders[fold.holder] = record
        let isCumulative = !omitted.contains(.reportsAreCumulative)
        let positions = record.positions
        if isCumulative, fold.ranges.allSatisfy({ $0.through <= positions[$0.stream] ?? 0 }) {
            return .folded([], epoch: record.epoch)
        }
        guard !isCumulative || fold.ranges.allSatisfy({ $0.from == positions[$0.stream] ?? 0 })
        else { return .misplaced(positions) }
        if let lease = try unknownLease(in: fold) { return .unknownLease(lease) }
        for range in fold.ranges { record.positions[range.stream] = range.through }
        changes.holders[fold.holder] = record
        let fold = try yielding(fold)
        var late: [GrantID: Timestamp] = [:]
        for use in fold.uses {
            guard var lease = try lease(use.lease) else { throw .unknownLease(use.lease) }
            let known = isCumulative ? 0 : lease.grant.posted
            late[use.lease] = try report(
                &lease, used: known + max(0, use.used - lease.yielded),
                overage: max(0, use.overage - lease.yieldedOverage))
            stage(lease)
        }
        for folded in fold.reservations { try take(folded, of: fold.holder) }
        var closed: [LeaseRecord] = []
        for use in fold.uses where use.isClosed {
            guard var lease = try lease(use.lease) else { throw .unknownLease(use.lease) }
            try close(&lease)
            stage(lease)
            closed.append(lease)
        }
        book(fold, late: late)
        return .folded(try snapshots(of: closed), epoch: record.epoch)
    }

    /// A lease that a part of a journal needs and that the ledger does not know.
    private func unknownLease(in fold: FoldCommand) throws(LedgerError) -> GrantID? {
        for use in fold.uses where try lease(use.lease) == nil { return use.lease }
        for folded in fold.reservations
        where folded.reservation.state == .held || folded.reservation.endedByExpiry {
            if try isTakenOver(folded.reservation.id, from: fold.holder) { continue }
            for piece in folded.pieces where try lease(piece.lease) == nil { return piece.lease }
        }
        return nil
    }

    private mutating func book(_ fold: FoldCommand, late: [GrantID: Timestamp]) {
        for (index, use) in fold.sums.enumerated() {
            guard !late.isEmpty, !use.hasEvents, let adjusts = use.leases.firstNonNil({ late[$0] }),
                let range = fold.ranges.first
            else {
                changes.hourly[use.key, default: UsageSum()].add(use.sum)
                continue
            }
            // One event stands for all of it, and so does one posting.
            changes.hourly[use.key, default: UsageSum()]
                .add(UsageSum(units: use.sum.units, postings: 1))
            let place = "\(range.stream).\(range.through).\(index)"
            changes.events.append(use.event(adjusting: adjusts, at: now, place: place))
        }
        for folded in fold.events {
            var event = folded.event
            if !late.isEmpty { event.adjusts = folded.leases.firstNonNil { late[$0] } }
            if event.adjusts != nil { event.postedAt = now }
            changes.events.append(event)
        }
        for (day, count) in fold.requests {
            let earlier = changes.keyDays[day] ?? RequestCount(requests: 0, last: .distantPast)
            changes.keyDays[day] = RequestCount(
                requests: earlier.requests.addingSaturating(count.requests),
                last: max(earlier.last, count.last))
        }
        for answer in fold.answers { changes.answers[answer.id] = answer }
        for bucket in fold.buckets { changes.buckets[bucket.key] = bucket }
    }

    /// Keeps a reservation as its node knows it.
    private mutating func take(
        _ folded: FoldedReservation,
        of holder: Holder
    ) throws(LedgerError) {
        let id = folded.reservation.id
        changes.reservations[id] = folded.reservation
        let isHeld = folded.reservation.state == .held
        changes.pieces[id] = isHeld ? folded.pieces : []
        changes.owners[id] = .some(isHeld ? holder : nil)
        guard folded.reservation.endedByExpiry else { return }
        for (index, piece) in folded.pieces.enumerated() {
            guard var lease = try lease(piece.lease) else { throw .unknownLease(piece.lease) }
            switch folded.reservation.state {
            case .suspect: try suspend(piece, index: index, of: id, lease: &lease)
            case .voided:
                // Free again; should the holder settle all the same, this is where it posts.
                let none = HeldPiece(lease: piece.lease, units: 0)
                var grant = try carve(none, index: index, of: id, from: &lease)
                _ = try? grant.grant.settleLate(used: 0)
                stage(grant)
            case .held, .settled: break
            }
        }
    }

    /// What a reservation held becomes suspect, apart from its lease.
    private mutating func suspend(
        _ piece: HeldPiece,
        index: Int,
        of id: ReservationID,
        lease: inout LeaseRecord
    ) throws(LedgerError) {
        var grant = try carve(piece, index: index, of: id, from: &lease)
        if grant.grant.state == .open, var record = try account(grant.account) {
            let before = record.account
            guard (try? record.account.expire(&grant.grant)) != nil else {
                throw LedgerError(.invariant, "\(id) can't expire")
            }
            accounts.stage(record, before: before)
        }
        stage(lease)
        stage(grant)
    }

    private func snapshots(of leases: [LeaseRecord]) throws(LedgerError) -> [AccountSnapshot] {
        var seen: Set<LeaseShare> = []
        var snapshots: [AccountSnapshot] = []
        for lease in leases where seen.insert(lease.share).inserted {
            guard let record = try account(lease.account) else { continue }
            snapshots.append(try snapshot(record, lease.holder, lease.tenant))
        }
        return snapshots
    }
}

extension UseSum {
    /// What is left of use that was only summed, when it is booked late.
    fileprivate func event(
        adjusting period: Timestamp,
        at now: Timestamp,
        place: String
    ) -> UsageEvent {
        let lease = leases.first?.text ?? ""
        return UsageEvent(
            tenant: key.tenant, id: "late.\(lease).\(place)",
            meter: key.meter, units: sum.units, overage: 0, key: key.key, model: key.model,
            admittedAt: key.hour, postedAt: now, adjusts: period, idempotencyKey: nil,
            metadata: nil)
    }
}

extension Sequence {
    fileprivate func firstNonNil<Found>(_ find: (Element) -> Found?) -> Found? {
        for element in self {
            if let found = find(element) { return found }
        }
        return nil
    }
}
