import QuotaEngine
import QuotaModel

// What a period leaves to the next one.
extension LedgerTransaction {
    /// The units that a new period has from the one before.
    ///
    /// A period in which nobody asked has no account: it carries nothing, and nothing over itself.
    func carry(of previous: AccountRecord, into start: Timestamp) -> Int64 {
        guard previous.carriesUnused, previous.period.end == start else { return 0 }
        return unused(previous.account)
    }

    /// What is unused for sure: what is held, leased or suspect may still be used in its period.
    private func unused(_ account: Account) -> Int64 {
        if account.isUnlimited { return 0 }
        let isFinal = omitted.contains(.carryIsFinalAfterClose)
        return max(0, isFinal ? account.capacity - account.posted : account.available)
    }

    /// Lets periods have what came back to the ones before them.
    ///
    /// A carry only grows, since it may be used already; what an overage took from the period
    /// before stays carried. Once that period is closed nothing of it changes, so that what is
    /// suspect then is never carried.
    mutating func raiseCarries() throws(LedgerError) {
        while let ended = accounts.popEnded() {
            let next = AccountID(key: ended.key, periodStart: ended.period.end)
            guard var record = try account(next) else { continue }
            let before = record.account
            do {
                try record.account.carry(unused(ended.account))
            } catch {
                throw LedgerError(.invariant, "\(ended.key.limit) can't be carried: \(error)")
            }
            if record.account != before { accounts.stage(record, before: before) }
        }
    }
}
