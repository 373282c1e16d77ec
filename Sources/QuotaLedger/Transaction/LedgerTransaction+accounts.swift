import QuotaCalendar
import QuotaEngine
import QuotaModel

/// An account as a request would use it, with what opening it changes.
struct LocatedAccount {
    var record: AccountRecord
    /// Whether this request would open it.
    let isNew: Bool
    /// The account of the period before, moved on.
    let previous: AccountRecord?
}

extension LedgerTransaction {
    /// The account that a demand uses now; stages nothing.
    mutating func locate(
        _ demand: Demand,
        tenant: TenantID,
        calendar: TenantCalendar
    ) throws(LedgerError) -> LocatedAccount {
        let key = AccountKey(tenant: tenant, limit: demand.limit.accountName)
        let limit = demand.limit.limit
        var current = try currentAccount(key)
        if var record = current {
            guard record.period.end <= now else {
                // An entitlement that is older than the account changes nothing.
                record.account = try adjusted(record.account, to: demand.limit)
                return LocatedAccount(record: record, isNew: false, previous: nil)
            }
            let state = AccountLifecycle.state(
                of: record.account, period: record.period, now: now)
            record.account.advance(to: state)
            current = record
        }
        var previousEnd = current?.period.end
        if previousEnd == nil { previousEnd = try reader.lastArchivedEnd(key) }
        let instant = max(now, previousEnd ?? .distantPast)
        let period = calendar.period(of: limit.window, containing: instant) ?? .lifetime
        let start = max(period.start, previousEnd ?? .distantPast)
        let record = AccountRecord(
            key: key,
            meter: limit.meter,
            isTenantScope: limit.scope == .tenant,
            period: Period(start: start, end: period.end, index: period.index),
            rule: calendar.rule(of: limit.window),
            account: Account(quantity: limit.quantity, limitRevision: demand.limit.revision))
        return LocatedAccount(record: record, isNew: true, previous: current)
    }

    /// Keeps a located account after its use.
    mutating func stage(_ located: LocatedAccount) throws(LedgerError) {
        if let previous = located.previous { try stage(previous) }
        try stage(located.record, isNew: located.isNew)
    }

    private func adjusted(
        _ account: Account,
        to limit: CompiledLimit
    ) throws(LedgerError) -> Account {
        guard account.state == .open, limit.revision > account.limitRevision else {
            return account
        }
        var account = account
        do {
            try account.setQuantity(limit.limit.quantity, limitRevision: limit.revision)
        } catch {
            throw LedgerError(.invariant, "limit \(limit.name) can't be changed: \(error)")
        }
        return account
    }

    /// The bucket of a demand, refilled to now; that of a rate without a bound is always full.
    func refilledBucket(_ demand: Demand, tenant: TenantID) throws(LedgerError) -> TokenBucket {
        guard let rate = demand.limit.rate else { return TokenBucket(updatedAt: steady) }
        var bucket = try bucket(AccountKey(tenant: tenant, limit: demand.limit.accountName))
        bucket.refill(rate, now: steady)
        return bucket
    }

    mutating func run(_ view: ViewCommand) throws(LedgerError) -> LimitView {
        let readsBefore = reader.storeReads
        var states: [LimitState] = []
        for demand in view.demands {
            if demand.limit.limit.window.kind == .rate {
                states.append(.bucket(try refilledBucket(demand, tenant: view.tenant)))
            } else {
                let located = try locate(demand, tenant: view.tenant, calendar: view.calendar)
                states.append(.account(located.record.account, located.record.period))
            }
        }
        return LimitView(
            violations: violations(view.demands, states), states: states, now: now,
            madeStoreCall: reader.storeReads != readsBefore)
    }

    func violations(_ demands: [Demand], _ states: [LimitState]) -> [Violation] {
        zip(demands, states).enumerated()
            .compactMap { index, pair in
                pair.0.violation(index: index, state: pair.1, now: now)
            }
    }
}
