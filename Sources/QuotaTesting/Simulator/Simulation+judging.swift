import QuotaEngine
import QuotaLedger
import QuotaModel
import QuotaNode

// Whether nodes may decide as they do.
extension Simulation {
    /// A tenant has one draw at a time, and whoever used more than was held asks for no more
    /// before the ledger knows of it.
    func checkDebts(_ draw: DrawCommand, _ node: Int) throws(SimulationFailure) {
        for call in nodes[node].calls.values {
            guard case .draw(let other) = call.command, !other.wants.isEmpty,
                other.tenant == draw.tenant
            else { continue }
            throw fail("\(nodes[node].name) asks for \(draw.tenant) twice at once")
        }
        let keys = Set(draw.wants.map { $0.demand.limit.accountKey(of: draw.tenant) })
        for use in naive.uses.values
        where use.tenant == draw.tenant && use.life == nodes[node].life
            && use.truth.state == .settled && use.known?.state != .settled
        {
            for part in use.parts where keys.contains(part.account.key) {
                if use.truth.used[part.meter] ?? 0 <= use.held[part.meter] ?? 0 { continue }
                throw fail("\(use.id) used more than it held, and its node asks for more")
            }
        }
    }

    /// Whatever balances a caller is shown add up.
    func checkStates(_ outcome: AdmitOutcome) throws(SimulationFailure) {
        for case .account(let account, _) in outcome.states {
            let taken =
                Int128(account.escrowed) + Int128(account.suspect) + Int128(account.posted)
            if Int128(account.capacity) != Int128(account.available) + taken {
                throw fail("a caller is shown balances that do not add up: \(account)")
            }
        }
    }

    /// A refusal must be true of a moment between the request and the answer, or of the second
    /// before.
    func checkRefusal(
        _ operation: SimulatedClient.Operation,
        _ request: SimulatedNode.Request,
        _ command: AdmitCommand,
        _ node: Int
    ) throws(SimulationFailure) {
        let since = request.arrivedAt.nanoseconds - RememberedRefusal.memoryNanoseconds
        var looks: [String] = []
        for demand in command.demands
        where command.isEnforced && demand.limit.limit.mode == .enforce {
            let key = demand.limit.accountKey(of: operation.tenant)
            if let rate = demand.limit.rate {
                let place = NaiveRates.Place(life: nodes[node].life, key: key)
                if naive.rates.isTooMuch(demand.amount, rate, at: time, place) { return }
                continue
            }
            let quantity = demand.limit.limit.quantity ?? .max
            let least = quantity - naive.mostTaken(of: key, since: since)
            if least < demand.amount { return }
            // A top-up that has expired is there until somebody looks.
            let isLess = naive.isToppedUp(key)
            if isLess, available(demand.limit, of: operation.tenant) < demand.amount { return }
            looks.append("\(demand.amount) of \(least)")
        }
        throw fail("operation \(operation.id) was refused, and there was enough: \(looks)")
    }

    /// A lease is spent in its period, epoch and revision, and while the ledger is heard of.
    func checkSpending(
        of id: GrantID,
        _ operation: SimulatedClient.Operation,
        _ node: Int
    ) throws(SimulationFailure) -> AccountID {
        guard let record = store.leases[id], let given = naive.leases[id] else {
            throw fail("units of lease \(id.text) were given, which the ledger does not have")
        }
        let limits = nodes[node].limits[operation.tenant] ?? []
        let limit = limits.first { $0.accountKey(of: operation.tenant) == record.account.key }
        if given.revision < limit?.revision ?? .max {
            throw fail("units of lease \(id.text) were given under a newer limit")
        }
        if given.epoch < nodes[node].heardEpoch {
            throw fail("units of lease \(id.text) were given, which is of an earlier epoch")
        }
        if record.grant.state == .suspect, store.accounts[record.account] != nil,
            nodes[node].heardEpoch >= store.holders[record.holder]?.epoch ?? 0
        {
            throw fail("units of the suspect lease \(id.text) were given")
        }
        if time >= given.endsAt {
            throw fail("units of lease \(id.text) were given after its period")
        }
        if time - nodes[node].contact >= SimulatedNode.silence {
            throw fail("units of lease \(id.text) were given after a minute without the ledger")
        }
        if record.tenant != operation.tenant || record.holder != nodes[node].holder {
            throw fail("units of lease \(id.text) were given, which is another's")
        }
        return record.account
    }
}
