import QuotaEngine
import QuotaModel

extension LedgerTransaction {
    /// Takes or releases units of an allocation, in every account that bounds it or in none.
    mutating func run(_ command: AllocateCommand) throws(LedgerError) -> AllocateAnswer {
        let admit = command.request
        if let claim = admit.idempotency,
            let answer = try earlierAnswer(to: claim, tenant: admit.tenant)
        {
            if case .replayed(let stored) = answer { return .replayed(stored) }
            return .idempotencyKeyReused
        }
        var located: [LocatedAccount] = []
        for demand in admit.demands {
            let wanted = AccountSpecification(demand.limit, tenant: admit.tenant)
            located.append(try locate(wanted, calendar: admit.calendar(of: demand.limit)))
        }
        let own = located.first { $0.record.isTenantScope }?.record.account.posted ?? 0
        let delta: Int64
        switch command.change {
        case .delta(let change): delta = change
        case .set(let held): delta = held - own
        case .start(let held): delta = own == 0 ? held : 0
        }
        let (held, overflow) = own.addingReportingOverflow(delta)
        if overflow { return .outOfRange }
        if held < 0 { return .belowZero(held: own) }
        let demands = admit.demands.map { Demand(limit: $0.limit, amount: max(0, delta)) }
        let violations = violations(demands, located.map(\.state))
        if admit.isEnforced, violations.contains(where: \.isEnforced) {
            let refused = AdmitOutcome(
                isAdmitted: false, violations: violations, states: located.map(\.state),
                now: now, reservation: nil, madeStoreCall: true)
            return .decided(refused, delta: delta, stored: nil)
        }
        do {
            for index in located.indices { try located[index].record.account.hold(delta) }
        } catch {
            return .outOfRange
        }
        for account in located where delta != 0 {
            accounts.stage(account.record, before: account.before)
        }
        bookAllocation(of: command.meter, delta: delta, violations: violations, admit)
        let outcome = AdmitOutcome(
            isAdmitted: true, violations: violations, states: located.map(\.state), now: now,
            reservation: nil, madeStoreCall: true)
        return .decided(
            outcome, delta: delta, stored: keep(outcome, for: admit))
    }

    private mutating func bookAllocation(
        of meter: MeterID,
        delta: Int64,
        violations: [Violation],
        _ admit: AdmitCommand
    ) {
        if delta == 0 { return }
        let overage = violations.map { max(0, delta - $0.available) }.max() ?? 0
        changes.events.append(
            UsageEvent(
                tenant: admit.tenant, id: admit.decisionID, meter: meter, units: delta,
                overage: overage, key: admit.key, model: admit.model, admittedAt: now,
                postedAt: now, adjusts: nil, idempotencyKey: admit.idempotency?.key,
                metadata: admit.metadata))
        if delta < 0 { return }
        let day = MeterDay(date: now.date, meter: meter, tenant: admit.tenant)
        changes.meterDays[day] = (changes.meterDays[day] ?? 0).addingSaturating(delta)
    }
}

extension LocatedAccount {
    /// The balances as a decision sees them.
    var state: LimitState { .account(record.account, record.period) }
}

extension Account {
    /// Takes units for good, or gives them back; an account that several tenants share may hold
    /// fewer of a tenant's than it has, when the tenant joined later.
    fileprivate mutating func hold(_ delta: Int64) throws(AccountError) {
        if delta >= 0 {
            try book(overage: delta)
        } else {
            try unpost(min(-delta, posted))
        }
    }
}
