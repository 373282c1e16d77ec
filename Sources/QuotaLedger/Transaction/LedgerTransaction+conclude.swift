import QuotaEngine
import QuotaModel

extension LedgerTransaction {
    mutating func run(_ command: ConcludeCommand) throws(LedgerError) -> ConcludeAnswer {
        guard let reservation = try reservation(command.reservation),
            command.tenant == nil || command.tenant == reservation.tenant
        else { return .notFound }
        let action: ReservationAction
        do {
            action = try reservation.action(for: command.event, now: now)
        } catch {
            return .refused(error)
        }
        var ended = reservation
        ended.endedByExpiry = command.event == .expire
        let uses: [MeterID: Int64]?
        switch action {
        case .repeatOutcome:
            return .done(reservation)
        case .suspend:
            ended.state = .suspect
            uses = nil
        case .void:
            ended.state = .voided
            uses = Dictionary(uniqueKeysWithValues: reservation.held.map { ($0.meter, 0) })
        case .settle(let charges):
            ended.state = .settled
            ended.settled = charges
            uses = Dictionary(uniqueKeysWithValues: charges.map { ($0.meter, $0.amount) })
        }
        guard let ending = try end(try grants(of: reservation.id), uses: uses) else {
            return .outOfRange
        }
        try stage(ending, of: ended)
        if ended.state == .settled {
            for charge in ended.settled {
                let recording = command.recordings[charge.meter] ?? .event
                book(
                    MeteredCharge(charge: charge, recording: recording),
                    overage: ending.overages[charge.meter] ?? 0,
                    posting: Posting(ended, adjusts: ending.adjusts))
            }
        }
        return .done(ended)
    }

    private mutating func stage(
        _ ending: Ending,
        of reservation: Reservation
    ) throws(LedgerError) {
        for var record in ending.accounts {
            let state = AccountLifecycle.state(
                of: record.account, period: record.period, now: now)
            record.account.advance(to: state)
            try stage(record)
        }
        for grant in ending.grants { stage(grant) }
        markExceeded(tenant: reservation.tenant, accounts: ending.accounts)
        changes.reservations[reservation.id] = reservation
    }
}

/// What the end of a reservation changes.
private struct Ending {
    var grants: [GrantRecord] = []
    var accounts: [AccountRecord] = []
    /// Units beyond what was held, by meter: the most of any of its limits.
    var overages: [MeterID: Int64] = [:]
    /// The closed period that the use belongs to; nil while it is open.
    var adjusts: Timestamp?
}

extension LedgerTransaction {
    /// Ends grants with their use by meter, or lets them become suspect when it is not known.
    ///
    /// - Returns: nil when a balance would leave its range.
    private mutating func end(
        _ grants: [GrantRecord],
        uses: [MeterID: Int64]?
    ) throws(LedgerError) -> Ending? {
        var ending = Ending()
        for var record in grants {
            let used = uses?[record.meter]
            let overage: Int64?
            if var account = try account(record.account) {
                overage = try? account.account.end(&record.grant, used: used)
                ending.accounts.append(account)
            } else {
                overage = try endLate(&record, used: used, ending: &ending)
            }
            guard let overage else { return nil }
            ending.overages[record.meter] = max(ending.overages[record.meter] ?? 0, overage)
            ending.grants.append(record)
        }
        return ending
    }

    /// Ends a grant whose period is closed: use becomes an adjustment of the current period.
    ///
    /// - Returns: the units that were booked so; nil when a balance would leave its range.
    private mutating func endLate(
        _ record: inout GrantRecord,
        used: Int64?,
        ending: inout Ending
    ) throws(LedgerError) -> Int64? {
        guard let used else { return 0 }
        guard let unbooked = try? record.grant.settleLate(used: used) else { return nil }
        if unbooked == 0 { return 0 }
        ending.adjusts = record.account.periodStart
        if var current = try currentAccount(record.account.key), current.account.state == .open {
            guard (try? current.account.book(overage: unbooked)) != nil else { return nil }
            ending.accounts.append(current)
        }
        return unbooked
    }
}

extension Account {
    /// Ends a grant: with its use, or as suspect when that is not known.
    fileprivate mutating func end(
        _ grant: inout Grant,
        used: Int64?
    ) throws(AccountError) -> Int64 {
        guard let used else {
            if grant.state == .open { try expire(&grant) }
            return 0
        }
        switch grant.state {
        case .open: return try close(&grant, used: used)
        case .suspect: return try resolve(&grant, provenUse: used)
        case .closed: return try report(&grant, used: used)
        }
    }
}
