import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// Whether all that is left can be used, by every node.
extension Simulation {
    /// After this refusals are forgotten and buckets full, also those that owed what was settled
    /// beyond what was held: an hour.
    private static let recoveryNanoseconds: Int64 = 3_600 * 1_000_000_000

    /// Whatever has room is admitted; what has none is refused.
    ///
    /// Each node holds all that a tenant has left, and gives it back; and once more after it has
    /// forgotten the tenant.
    mutating func checkLiveness() throws(SimulationFailure) {
        for node in nodes.indices where nodes[node].state == .up {
            for tenant in plan.tenants { try exhaust(tenant, node) }
        }
        time += Self.recoveryNanoseconds
        for node in nodes.indices where nodes[node].state == .up {
            for tenant in plan.tenants {
                guard nodes[node].table.evict(tenant.id, steady: now) else {
                    throw fail(
                        "\(nodes[node].name) can't forget \(tenant.id) at rest: "
                            + "\(leftover(of: tenant.id, node))")
                }
                nodes[node].limits[tenant.id] = tenant.limits
            }
        }
        if let tenant = plan.tenants.first, let node = nodes.indices.last {
            try exhaust(tenant, node)
        }
    }

    /// What a node has of a tenant.
    private func leftover(of tenant: TenantID, _ node: Int) -> String {
        guard let state = nodes[node].table.state(of: tenant) else { return "nothing" }
        let leases = state.accounts.sorted { $0.key.limit < $1.key.limit }
            .flatMap { key, account in
                account.leases.map { "\(key.limit) \($0.id.text) free \($0.free) \($0.isClosed)" }
            }
        return "\(leases), holds \(state.holds.keys.sorted()), "
            + (state.draw == nil ? "no draw" : "a draw")
    }

    private mutating func exhaust(
        _ tenant: SimulationPlan.Tenant,
        _ node: Int
    ) throws(SimulationFailure) {
        time += Self.recoveryNanoseconds
        for other in nodes.indices where nodes[other].state == .up { heartbeat(other) }
        try deliverAll()
        var amounts: [MeterID: Int64] = [:]
        var lacks = false
        for meter in [SimulationPlan.tokens, SimulationPlan.calls] {
            let room = room(of: meter, tenant)
            lacks = lacks || room < 1
            amounts[meter] = max(1, room)
        }
        let wanted = lacks && tenant.isEnforced
        let number = append(
            .reserve(ttlNanoseconds: 3_600_000_000_000, .void), tenant.id, node, amounts)
        request(number)
        try deliverAll()
        sync(node)
        try deliverAll()
        let answer = client.operations[number].answer
        switch answer {
        case .refused where wanted: return
        case .admitted(let id?) where !wanted:
            client.open.removeAll { $0.operation == number }
            open(.conclude(id, .void), tenant.id, node, amounts)
            try deliverAll()
            giveBack(tenant.id, node, everything: true)
            try deliverAll()
            sync(node)
            foldJournal(node)
            try deliverAll()
        default:
            throw fail(
                "\(nodes[node].name) was asked for \(amounts.values.sorted()) of \(tenant.id), "
                    + "which \(wanted ? "lacks them" : "has them"), and answered "
                    + "\(answer.map { "\($0)" } ?? "nothing")")
        }
    }

    /// What a limit has with what the period before has left, and without what has expired.
    func available(_ limit: CompiledLimit, of tenant: TenantID) -> Int64 {
        var store = store
        let look = ViewCommand(
            tenant: tenant, demands: [Demand(limit: limit, amount: 0)],
            calendar: SimulationPlan.calendar)
        let answers = try? store.commit([.view(look)], now: ledgerNow, steady: now)
        guard case .viewed(let view)? = answers?.first,
            case .account(let account, _)? = view.states.first
        else { return 0 }
        return account.available
    }

    /// What a tenant can take of a meter at once.
    private func room(of meter: MeterID, _ tenant: SimulationPlan.Tenant) -> Int64 {
        var room: Int64 = 5_000
        if meter == SimulationPlan.tokens { room *= plan.scale }
        for limit in tenant.limits
        where limit.limit.meter == meter && limit.limit.mode == .enforce {
            if let rate = limit.rate {
                room = min(room, rate.burst)
                continue
            }
            if limit.policy != nil || naive.isToppedUp(limit.accountKey(of: tenant.id)) {
                room = min(room, available(limit, of: tenant.id))
                continue
            }
            let quantity = limit.limit.quantity ?? .max
            let current = store.currentAccount(limit.accountKey(of: tenant.id))
            let isOpen = current.map { ledgerNow < $0.period.end && $0.account.state == .open }
            // The account may not have heard of a changed limit yet.
            let used = isOpen ?? false ? current?.account.used ?? 0 : 0
            room = min(room, quantity - used)
        }
        return room
    }
}
