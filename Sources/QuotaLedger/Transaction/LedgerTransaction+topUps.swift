import QuotaEngine
import QuotaModel

// Units on top of a limit.
extension LedgerTransaction {
    mutating func run(_ topUp: TopUpCommand) throws(LedgerError) -> TopUpAnswer {
        let isLook = topUp.change == .look
        if !isLook { try rollOver(topUp.limit.accountKey(of: topUp.tenant)) }
        let wanted = AccountSpecification(topUp.limit, tenant: topUp.tenant)
        let located = try locate(wanted, calendar: topUp.calendar)
        var record = located.record
        if record.account.isUnlimited { return .unlimited }
        var terms = record.terms ?? wanted.terms
        switch topUp.change {
        case .look: return .done(record, isNew: false)
        case .grant(let granted):
            if let known = terms.topUps.first(where: { $0.id == granted.id }) {
                let isSame =
                    known.granted == granted.granted && known.priority == granted.priority
                    && known.expiresAt == granted.expiresAt
                return isSame ? .done(record, isNew: false) : .idReused
            }
            if terms.topUps.count >= TopUp.maximumPerLimit { return .tooMany }
            terms.topUps.append(granted)
            // A sum beyond the range would be cut off, and units lost.
            guard terms.extra <= Amount.unlimitedCapacity / 2 else { return .outOfRange }
        case .revoke(let id):
            guard let index = terms.topUps.firstIndex(where: { $0.id == id && !$0.hasLapsed })
            else { return .notFound }
            terms.revoke(at: index, used: record.account.used, allowance: record.account.allowance)
        }
        guard (try? record.setTerms(terms)) != nil else { return .outOfRange }
        accounts.stage(record, before: located.before)
        return .done(record, isNew: true)
    }

    /// Lets top-ups expire whose time has passed, be it that nobody asks.
    ///
    /// - Returns: the accounts that have less now.
    mutating func lapseTopUps(limit: Int) throws(LedgerError) -> [AccountKey] {
        var keys: [AccountKey] = []
        for id in try reader.dueTopUps(now: now, limit: limit) {
            guard var record = try account(id) else { continue }
            let before = record.account
            try lapse(&record)
            accounts.stage(record, before: before)
            keys.append(record.key)
        }
        return keys
    }
}
