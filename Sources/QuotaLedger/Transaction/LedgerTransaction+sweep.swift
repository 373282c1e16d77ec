import QuotaEngine
import QuotaModel

extension LedgerTransaction {
    mutating func run(_ sweep: SweepCommand) throws(LedgerError) -> SweepAnswer {
        let reservations = try reader.dueReservations(now: now, limit: sweep.limit)
        for id in reservations {
            guard let due = try reservation(id), due.state == .held else { continue }
            _ = try end(due, .expire, at: due.expiresAt)
        }
        let changed = try changeByDate(limit: sweep.limit)
        let reminders = try tellReminders(limit: sweep.limit)
        if try reader.hasNotifications(before: sweep.forgetNotificationsBefore) {
            changes.forgottenNotificationsBefore = sweep.forgetNotificationsBefore
        }
        let graceEnd = now.adding(nanoseconds: -AccountLifecycle.graceNanoseconds)
        let due = try reader.dueAccounts(
            now: now, graceEnd: graceEnd, after: sweep.after, limit: sweep.limit)
        for id in due.accounts {
            guard let record = try account(id) else { continue }
            let state = AccountLifecycle.state(
                of: record.account, period: record.period, now: now)
            if state == .closed { try close(id) }
        }
        let condensed = try condense(sweep)
        let silent = try expireSilentHolders(limit: sweep.limit)
        let forgotten = try reader.forgettableLeases(limit: sweep.limit)
        changes.forgottenLeases.formUnion(forgotten)
        let over = try reader.forgettableHolders(limit: sweep.limit)
        changes.forgottenHolders.formUnion(over)
        let forgets = try reader.hasAnswers(
            before: sweep.forgetAnswersBefore, orMoreThan: sweep.maximumAnswers)
        if forgets {
            changes.forgottenAnswers = LedgerChanges.ForgottenAnswers(
                before: sweep.forgetAnswersBefore, keeping: sweep.maximumAnswers)
        }
        return SweepAnswer(
            expiredReservations: reservations.count,
            closedAccounts: due.accounts.count,
            changed: changed,
            isComplete: reservations.count < sweep.limit && changed.count < sweep.limit
                && reminders < sweep.limit
                && due.next == nil && condensed < sweep.limit && !forgets
                && silent < sweep.limit && forgotten.count < sweep.limit
                && over.count < sweep.limit,
            next: due.next)
    }

    /// Lets come to pass what was decided for a date that is there, be it that nobody asks: top-ups
    /// expire, and limits become larger or smaller.
    ///
    /// - Returns: the limits of which that changed something.
    mutating func changeByDate(limit: Int) throws(LedgerError) -> [AccountKey] {
        var keys: [AccountKey] = []
        for id in try reader.dueChanges(now: now, limit: limit) {
            guard var record = try account(id) else { continue }
            let before = record.account
            try lapse(&record)
            accounts.stage(record, before: before)
            keys.append(record.key)
        }
        return keys
    }

    /// Condenses periods that closed long ago; answers how many.
    private mutating func condense(_ sweep: SweepCommand) throws(LedgerError) -> Int {
        guard sweep.condenseArchivesBefore > .distantPast else { return 0 }
        let due = try reader.wholeArchives(
            closedBefore: sweep.condenseArchivesBefore, limit: sweep.limit)
        for archive in due {
            let key = archive.record.key
            var newest = try currentAccount(key)
            if newest == nil { newest = try reader.lastArchived(key) }
            let isLast = newest.map { $0.period.start <= archive.record.period.start } ?? true
            changes.condensed.append(archive.condensed(isLast: isLast))
        }
        return due.count
    }
}
