import QuotaEngine
import QuotaModel

extension LedgerTransaction {
    mutating func run(_ sweep: SweepCommand) throws(LedgerError) -> SweepAnswer {
        let reservations = try reader.dueReservations(now: now, limit: sweep.limit)
        for id in reservations {
            _ = try run(
                ConcludeCommand(
                    reservation: id, tenant: nil, event: .expire, recordings: sweep.recordings))
        }
        let graceEnd = now.adding(nanoseconds: -AccountLifecycle.graceNanoseconds)
        let accounts = try reader.dueAccounts(now: now, graceEnd: graceEnd, limit: sweep.limit)
        for id in accounts { try close(id) }
        if try reader.hasAnswers(
            before: sweep.forgetAnswersBefore, orMoreThan: sweep.maximumAnswers)
        {
            changes.forgottenAnswers = LedgerChanges.ForgottenAnswers(
                before: sweep.forgetAnswersBefore, keeping: sweep.maximumAnswers)
        }
        return SweepAnswer(
            expiredReservations: reservations.count,
            closedAccounts: accounts.count,
            isComplete: reservations.count < sweep.limit && accounts.count < sweep.limit)
    }

    /// Closes an account whose period is over; what is still open expires unbilled.
    private mutating func close(_ id: AccountID) throws(LedgerError) {
        guard var record = try account(id) else { return }
        let state = AccountLifecycle.state(of: record.account, period: record.period, now: now)
        guard state == .closed else { return }
        for var grant in try unclosedGrants(of: id) where grant.grant.state == .open {
            do {
                try record.account.expire(&grant.grant)
            } catch {
                throw LedgerError(.invariant, "account \(id.key.limit) can't close: \(error)")
            }
            stage(grant)
        }
        record.account.advance(to: .closed)
        try stage(record)
    }
}
