import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// Questions to the ledger itself, beside the leases.
extension Simulation {
    /// A client of a server that does not lease.
    mutating func askLedger(_ source: inout SeededRandom) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source) else { return }
        let number = append(
            kind(&source), tenant.id, Int.random(in: nodes.indices, using: &source),
            amounts(&source), isDirect: true)
        let operation = client.operations[number]
        // It may know a limit of before, as nodes do.
        let known = nodes[operation.node].limits[tenant.id] ?? tenant.limits
        let command = operation.command(
            plan, known, id: "ledger.\(number)",
            firstGrant: GrantID(
                holder: "ledger", incarnation: 1, sequence: Int64(number) * 10))
        directOperation = number
        let answer = try commit(.admit(command))
        directOperation = nil
        guard case .admitted(.decided(let outcome, _)) = answer else {
            throw fail("operation \(number) was answered \(answer)")
        }
        try checkDirect(outcome, command, number)
        let told: SimulatedClient.Answer =
            outcome.isAdmitted ? .admitted(outcome.reservation?.id) : .refused
        naive.acknowledge(operation: number)
        hear(told, number)
        guard outcome.isAdmitted, command.idempotency != nil else { return }
        let repeated = try commit(.admit(command))
        guard case .admitted(.replayed(let stored)) = repeated,
            String(decoding: stored.body, as: UTF8.self) == outcome.reservation?.id.text ?? ""
        else { throw fail("operation \(number) was answered \(repeated) the second time") }
    }

    /// What the ledger decides for itself is exact.
    private func checkDirect(
        _ outcome: AdmitOutcome,
        _ command: AdmitCommand,
        _ number: Int
    ) throws(SimulationFailure) {
        if outcome.isAdmitted { return }
        let isTrue = command.demands.contains { demand in
            guard command.isEnforced, demand.limit.limit.mode == .enforce else { return false }
            let key = demand.limit.accountKey(of: command.tenant)
            if let rate = demand.limit.rate {
                let place = NaiveRates.Place(life: nil, key: key)
                return naive.rates.isTooMuch(demand.amount, rate, at: time, place)
            }
            // What a new period has from the one before, or on top, is not looked up here,
            // nor is the newer limit, when whoever asks knows an older one.
            if demand.limit.policy != nil || naive.isToppedUp(key) { return true }
            if naive.revisions[key] ?? 0 > demand.limit.revision { return true }
            let quantity = demand.limit.limit.quantity ?? .max
            // After a refusal, neither a new account nor a new limit of an old one is there.
            guard let record = store.currentAccount(key), record.account.state == .open,
                ledgerNow < record.period.end
            else { return demand.amount > quantity }
            let isNewer = demand.limit.revision > record.account.limitRevision
            let most = isNewer ? quantity : record.account.quantity ?? .max
            return demand.amount > most - record.account.used
        }
        if !isTrue { throw fail("operation \(number) was refused, and there was enough") }
    }

    /// Seats are taken and given back.
    mutating func allocate(
        _ number: Int,
        _ source: inout SeededRandom
    ) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source) else { return }
        let delta = Int64.random(in: -4...6, using: &source)
        let limit = Limit(meter: SimulationPlan.seats, window: .none, quantity: 12)
        let compiled = CompiledLimit(limit, key: nil, source: .plan, revision: 1)
        let request = AdmitCommand(
            tenant: tenant.id, key: .service, model: nil,
            charges: [
                MeteredCharge(
                    charge: Charge(meter: limit.meter, amount: max(0, delta)), recording: .event)
            ],
            demands: [Demand(limit: compiled, amount: 0)], calendar: SimulationPlan.calendar,
            decisionID: "d_seats.\(number)")
        let key = compiled.accountKey(of: tenant.id)
        let held = store.currentAccount(key)?.account.posted ?? 0
        let answer = try commit(
            .allocate(
                AllocateCommand(request: request, meter: limit.meter, change: .delta(delta))))
        switch answer {
        case .allocated(.belowZero) where held + delta < 0: return
        case .allocated(.decided(let outcome, _, _))
        where held + delta >= 0 && outcome.isAdmitted == (delta <= 0 || held + delta <= 12):
            return
        default: throw fail("\(delta) seats on \(held) were answered \(answer)")
        }
    }

    /// An administrator corrects what a tenant has used, twice with the same id.
    mutating func adjust(_ number: Int, _ source: inout SeededRandom) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source) else { return }
        let amount = Int64.random(in: -30...30, using: &source) * plan.scale
        if amount == 0 { return }
        let command = AdjustCommand(
            tenant: tenant.id, meter: SimulationPlan.tokens, amount: amount,
            demands: budgets(of: tenant, SimulationPlan.tokens),
            calendar: SimulationPlan.calendar, organizationCalendar: nil, id: "a_\(number)",
            metadata: nil)
        for isNew in [true, false] {
            let answer = try commit(.adjust(command))
            switch answer {
            case .adjusted(.tooMuch) where amount < 0: return
            case .adjusted(.done(_, _, isNew: isNew)): continue
            default: throw fail("an adjustment by \(amount) was answered \(answer)")
            }
        }
    }

    /// An administrator brings use in that another system counted, twice with the same id.
    mutating func importUsage(
        _ number: Int,
        _ source: inout SeededRandom
    ) throws(SimulationFailure) {
        guard let tenant = plan.tenants.randomElement(using: &source) else { return }
        let meter: Meter = Bool.random(using: &source) ? .aiTokens : .apiCalls
        let command = ImportUsageCommand(
            tenant: tenant.id, key: .service, meter: meter,
            date: CivilDate(
                daysSinceEpoch: ledgerNow.date.daysSinceEpoch
                    - Int64.random(in: 0...2, using: &source)),
            units: Int64.random(in: 1...20, using: &source), lastRequestAt: nil,
            demands: budgets(of: tenant, meter.id), calendar: SimulationPlan.calendar,
            organizationCalendar: nil, id: "a.import.\(number)")
        for earlier in [nil, command.units] {
            let answer = try commit(.importUsage(command))
            guard case .imported(earlier: earlier) = answer else {
                throw fail("an import of \(command.units) was answered \(answer)")
            }
        }
    }

    private func budgets(of tenant: SimulationPlan.Tenant, _ meter: MeterID) -> [Demand] {
        tenant.limits.filter { $0.limit.meter == meter && $0.rate == nil }
            .map { Demand(limit: $0, amount: 0) }
    }
}
