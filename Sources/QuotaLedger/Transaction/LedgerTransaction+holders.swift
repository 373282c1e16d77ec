import QuotaEngine
import QuotaModel

// The lives of nodes.
extension LedgerTransaction {
    /// Begins a new life of a node; the earlier ones get nothing any more.
    mutating func begin(_ command: BeginHolderCommand) throws(LedgerError) -> LedgerAnswer {
        let earlier = try holders(named: command.name)
        let last = earlier.last?.id.incarnation ?? 0
        guard command.newestKnown <= last else { return .stale }
        let holder = Holder(name: command.name, incarnation: max(last + 1, command.first))
        changes.holders[holder] = HolderRecord(id: holder, heardAt: steady)
        return .begun(HolderBegun(holder: holder, unended: try unended(earlier)))
    }

    /// What a node has to know to recover its earlier lives.
    private func unended(_ earlier: [HolderRecord]) throws(LedgerError) -> [UnendedHolder] {
        var unended: [UnendedHolder] = []
        for record in earlier where record.state != .ended {
            var reservations: [FoldedReservation] = []
            for id in try ownedReservations(of: record.id) {
                guard let reservation = try reservation(id) else { continue }
                reservations.append(
                    FoldedReservation(reservation: reservation, pieces: try pieces(of: id)))
            }
            unended.append(
                UnendedHolder(
                    id: record.id, positions: record.positions,
                    leases: try unclosedLeases(of: record.id), reservations: reservations))
        }
        return unended
    }

    /// Ends a holder: what it held for reservations goes on as grants of their own, and the rest
    /// of its leases is free with a complete journal, else suspect.
    ///
    /// - Returns: whether there is such a holder.
    mutating func end(_ command: EndHolderCommand) throws(LedgerError) -> Bool {
        guard var record = try holder(command.holder) else {
            return try isForgotten(command.holder)
        }
        // What was declared lost then is found by nobody but an operator.
        if record.state == .ended { return true }
        // First of all: reservations may name its leases from now on, however they end.
        record.state = .ended
        changes.holders[command.holder] = record
        for id in try ownedReservations(of: command.holder) {
            try disown(id, evidence: command.evidence)
        }
        for known in try unclosedLeases(of: command.holder) {
            // The close of an account may have changed it since.
            guard var lease = try lease(known.grant.id) else { continue }
            switch command.evidence {
            case .complete: try close(&lease)
            // Of one that is used up, nothing more is to be found out.
            case .incomplete where lease.grant.rest == 0: try close(&lease)
            case .incomplete: try expire(&lease)
            }
            stage(lease)
        }
        return true
    }

    /// Whether there was such a life; those that are over and have nothing left are deleted.
    func isForgotten(_ id: Holder) throws(LedgerError) -> Bool {
        guard id.incarnation > 0, let newest = try holders(named: id.name).last else {
            return false
        }
        return id.incarnation < newest.id.incarnation
    }

    /// Takes a reservation over from a node that is over.
    ///
    /// With a complete journal it is held, and gets grants of its own. Otherwise it may have ended,
    /// and what it left may have been used by others: then its units stay with their leases, which
    /// are suspect, and only what is said to be used moves on.
    private mutating func disown(
        _ id: ReservationID,
        evidence: JournalEvidence
    ) throws(LedgerError) {
        guard var reservation = try reservation(id) else { return }
        if evidence == .incomplete {
            reservation.state = .suspect
            changes.reservations[id] = reservation
            return
        }
        for (index, piece) in try pieces(of: id).enumerated() {
            guard var lease = try lease(piece.lease) else { throw .unknownLease(piece.lease) }
            stage(try carve(piece, index: index, of: id, from: &lease))
            stage(lease)
        }
        changes.pieces[id] = []
        changes.owners[id] = .some(nil)
    }

    /// Lets the leases of holders that fell silent become suspect.
    ///
    /// - Returns: how many holders that were.
    mutating func expireSilentHolders(limit: Int) throws(LedgerError) -> Int {
        let before = steady.adding(nanoseconds: -HolderRecord.silenceNanoseconds)
        var count = 0
        for id in try reader.silentHolders(before: before, limit: limit) {
            guard let record = try holder(id), isSilent(record) else { continue }
            try silence(record)
            count += 1
        }
        return count
    }

    /// Whether a live holder was not heard of for too long.
    func isSilent(_ record: HolderRecord) -> Bool {
        record.heardAt < steady.adding(nanoseconds: -HolderRecord.silenceNanoseconds)
    }

    /// Lets the leases of a holder become suspect; it can't spend them any more.
    mutating func silence(_ holder: HolderRecord) throws(LedgerError) {
        let open = try unclosedLeases(of: holder.id).filter { $0.grant.state == .open }
        if open.isEmpty { return }
        for var lease in open {
            try expire(&lease)
            stage(lease)
        }
        var record = holder
        record.epoch += 1
        changes.holders[holder.id] = record
    }
}

// What happens to one lease.
extension LedgerTransaction {
    /// Splits off what a reservation holds of a lease.
    ///
    /// A lease of which a reservation was taken over may have less: its node had ended that one
    /// otherwise, and gave the units to others. What they use is an overage then.
    func carve(
        _ piece: HeldPiece,
        index: Int,
        of id: ReservationID,
        from lease: inout LeaseRecord
    ) throws(LedgerError) -> GrantRecord {
        let grantID = GrantID(holder: id.text, incarnation: 0, sequence: Int64(index))
        let isShort = lease.grant.carved > 0 && lease.grant.rest < piece.units
        do {
            return GrantRecord(
                account: lease.account, meter: lease.meter, reservation: id,
                grant: try lease.grant.carve(
                    grantID, size: isShort ? lease.grant.rest : piece.units))
        } catch {
            throw LedgerError(
                .invariant, "lease \(piece.lease.text) can't give \(piece.units) units to \(id)")
        }
    }

    /// Closes a lease: its rest goes back, where its period still takes it.
    mutating func close(_ lease: inout LeaseRecord) throws(LedgerError) {
        guard var record = try account(lease.account) else {
            lease.grant.close()
            return
        }
        let before = record.account
        guard
            (try? record.account.close(&lease.grant, used: lease.grant.posted)) != nil
        else { throw LedgerError(.invariant, "lease \(lease.grant.id.text) can't be closed") }
        accounts.stage(record, before: before)
        stage(lease)
        try closeWhenDone(record)
    }

    /// Takes note of the use of a lease.
    ///
    /// - Parameters:
    ///   - lease: the lease.
    ///   - used: units used of it since it was made.
    ///   - overage: units used beyond what was held of it since it was made.
    /// - Returns: the start of its period, when use was booked late.
    /// - Throws: `invariant` when a balance would leave its range.
    mutating func report(
        _ lease: inout LeaseRecord,
        used: Int64,
        overage: Int64
    ) throws(LedgerError) -> Timestamp? {
        do {
            if var record = try account(lease.account) {
                let before = record.account
                try record.account.report(&lease.grant, used: used, overage: overage)
                accounts.stage(record, before: before)
                return nil
            }
            return try postLate(
                try lease.grant.reportLate(
                    used: try checked(used.addingReportingOverflow(overage))), of: lease)
        } catch let error as AccountError {
            throw LedgerError(.invariant, "lease \(lease.grant.id.text) can't report: \(error)")
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(.invariant, "\(error)")
        }
    }

    /// Gives back what a lease has left, but for some units.
    mutating func giveBack(
        _ lease: inout LeaseRecord,
        keeping units: Int64
    ) throws(LedgerError) {
        let free = lease.grant.rest - units
        guard free > 0, var record = try account(lease.account) else { return }
        let before = record.account
        let returned = lease.grant.returned + free
        guard (try? record.account.giveBack(&lease.grant, returned: returned)) != nil else {
            throw LedgerError(.invariant, "lease \(lease.grant.id.text) can't give back")
        }
        accounts.stage(record, before: before)
    }

    /// Lets what is left of a lease become suspect.
    mutating func expire(_ lease: inout LeaseRecord) throws(LedgerError) {
        guard lease.grant.state == .open, var record = try account(lease.account) else { return }
        let before = record.account
        if omitted.contains(.silenceMakesSuspect) {
            _ = try? record.account.close(&lease.grant, used: lease.grant.posted)
            accounts.stage(record, before: before)
            return
        }
        guard (try? record.account.expire(&lease.grant)) != nil else {
            throw LedgerError(.invariant, "lease \(lease.grant.id.text) can't expire")
        }
        accounts.stage(record, before: before)
    }

    /// Books use whose period is closed in the current one.
    private mutating func postLate(
        _ unbooked: Int64,
        of lease: LeaseRecord
    ) throws -> Timestamp? {
        if unbooked == 0 { return nil }
        // What is over must not be open any more when its successor opens.
        try rollOver(lease.account.key)
        if var located = try locateSuccessor(of: lease.account.key) {
            try located.record.account.book(overage: unbooked)
            accounts.stage(located.record, before: located.before)
        }
        return lease.account.periodStart
    }

    /// Closes an account at once when its period is over and nothing is out any more.
    private mutating func closeWhenDone(_ record: AccountRecord) throws(LedgerError) {
        let state = AccountLifecycle.state(
            of: record.account, period: record.period, now: now)
        if state == .closed { try close(record.id) }
    }
}

extension HolderRecord {
    /// How long a holder may be silent before its leases become suspect: a minute, in nanoseconds.
    public static let silenceNanoseconds: Int64 = 60 * 1_000_000_000
}

extension LedgerError {
    static func unknownLease(_ id: GrantID) -> LedgerError {
        LedgerError(.invariant, "there is no lease \(id.text)")
    }
}
