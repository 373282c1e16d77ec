import QuotaEngine
import QuotaLedger
import QuotaModel

/// What a node has of some accounts.
struct OutstandingLeases: Sendable {
    /// Units that are leased and that nobody uses, by account.
    var free: [AccountID: Int64] = [:]
    /// Units beyond what was held that the ledger does not know of, by account.
    var owed: [AccountID: Int64] = [:]
    /// What left each lease other than by use, and how much of that the ledger has not heard of.
    fileprivate var given: [GrantID: [Int64]] = [:]
    /// Draws that are under way.
    fileprivate var draws: Set<GrantID> = []

    /// Whether nothing was leased or given back between two looks.
    func isLike(_ other: OutstandingLeases) -> Bool {
        given == other.given && draws.isEmpty && other.draws.isEmpty
    }
}

// Looking at balances, for who takes nothing.
extension LeaseTable {
    /// Whether something of these accounts may be in the journal that the ledger has not heard of:
    /// a tenant stays known until its leases are folded.
    func knows(_ keys: Set<AccountKey>) -> Bool {
        keys.contains { $0.organization != nil || tenants.contains($0.tenant) }
    }

    /// What is leased of accounts.
    mutating func outstanding(of keys: Set<AccountKey>) -> OutstandingLeases {
        var outstanding = OutstandingLeases()
        var holders = Set(keys.map(\.tenant))
        let shared = keys.filter { $0.organization != nil }
        if !shared.isEmpty { holders.formUnion(tenants.holders(of: shared)) }
        for tenant in holders {
            guard let state = tenants[tenant] else { continue }
            if let draw = state.draw?.wants.first { outstanding.draws.insert(draw.lease) }
            for key in keys {
                guard let account = state.accounts[key] else { continue }
                for lease in account.leases {
                    outstanding.given[lease.id] = [lease.returned, lease.moved, lease.unsent]
                    let id = AccountID(key: key, periodStart: lease.period.start)
                    // What is folded as closed has no units there any more.
                    if !lease.isFolded { outstanding.free[id, default: 0] += lease.unsent }
                    if !lease.isClosed { outstanding.free[id, default: 0] += lease.free }
                    outstanding.owed[id, default: 0] += lease.overage - lease.foldedOverage
                }
            }
        }
        return outstanding
    }

    /// What a look at the ledger shows, as it is.
    mutating func adjust(
        _ view: LimitView,
        _ command: ViewCommand,
        _ outstanding: OutstandingLeases,
        steady: Timestamp
    ) -> LimitView {
        var violations: [Violation] = []
        var states: [LimitState] = []
        for (index, demand) in command.demands.enumerated() {
            let key = demand.limit.accountKey(of: command.tenant)
            var state = view.states[index]
            switch state {
            case .account(let account, let period):
                let id = AccountID(key: key, periodStart: period.start)
                let adjusted = account.adding(
                    free: outstanding.free[id] ?? 0, owed: outstanding.owed[id] ?? 0)
                state = .account(adjusted, period)
            case .slots:
                // Limits of keys name theirs.
                let slots = HeldSlots((tenants[command.tenant]?.holds ?? [:]).values)
                state = .slots(held: slots.held(demand.limit.limit, key: command.key))
            case .bucket:
                let tenant = tenants[command.tenant] ?? TenantState()
                let known =
                    demand.limit.organization == nil
                    ? tenant.buckets[key] : sharedBuckets[key]
                if known != nil,
                    let bucket = bucket(of: demand, key, tenant, steady: steady)
                {
                    state = .bucket(bucket)
                }
            }
            states.append(state)
            let violation = demand.violation(index: index, state: state, now: view.now)
            if let violation { violations.append(violation) }
        }
        return LimitView(
            violations: violations, states: states, now: view.now,
            madeStoreCall: view.madeStoreCall)
    }
}

extension Account {
    /// The account with leased units that nobody uses counted as available, and with units that
    /// were used beyond what was held.
    fileprivate func adding(free: Int64, owed: Int64) -> Account {
        let free = min(free, escrowed)
        return Account(
            capacity: capacity, available: available + free - owed, escrowed: escrowed - free,
            suspect: suspect, posted: posted + owed, isUnlimited: isUnlimited, state: state,
            limitRevision: limitRevision, version: version)
    }
}
