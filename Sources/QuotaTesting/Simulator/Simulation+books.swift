import QuotaEngine
import QuotaLedger
import QuotaModel

// The books, when everything has come to rest.
extension Simulation {
    func checkBooks() throws(SimulationFailure) {
        try checkLog()
        try checkRows()
        try checkHours()
        try checkKeyDays()
        try checkEvents()
    }

    /// The ledger's own checks find nothing: entries, chains and grants.
    private func checkLog() throws(SimulationFailure) {
        var (chain, fold, grants) = (EntryChainCheck(), EntryFoldCheck(), GrantCheck())
        for batch in store.batches {
            chain.take(batch, positions: batch.entries.indices.map { Int64($0) })
            for entry in batch.entries { fold.take(entry) }
        }
        for grant in store.grants.values {
            grants.take(grant.grant, state: grant.grant.state, of: grant.account)
        }
        for lease in store.leases.values {
            grants.take(lease.grant, state: lease.grant.state, of: lease.account)
        }
        for record in store.accounts.values {
            fold.take(account: record.balances, isArchived: false)
            grants.take(account: record.balances, isArchived: false)
        }
        for archive in store.archives {
            fold.take(account: archive.record.balances, isArchived: true)
            grants.take(account: archive.record.balances, isArchived: true)
        }
        chain.finish(store.ledgerHead)
        fold.finish()
        grants.finish()
        for result in [chain.result, fold.result, fold.conservation, grants.result] {
            try demand(result)
        }
    }

    /// Events add up to hours, and hours to days.
    private func checkRows() throws(SimulationFailure) {
        var rules: [MeterID: MeterRule] = [:]
        for meter in SimulationPlan.meters { rules[meter.id] = MeterRule(meter, changedAt: nil) }
        var rows = store.events.values.map { UsageRow.event($0) }
        rows += store.hourly.map { UsageRow.hour($0.key, $0.value) }
        rows += store.meterDays.map { UsageRow.day($0.key, units: $0.value.units) }
        var check = UsageCheck(rules: rules)
        for row in rows.sorted(by: { $0.place < $1.place }) { check.take(row) }
        check.finishRows()
        try demand(check.events)
        try demand(check.totals)
    }

    private func demand(_ result: LedgerCheckResult) throws(SimulationFailure) {
        guard let first = result.first else { return }
        throw fail("\(first.place) is \(first.found), expected \(first.expected)")
    }

    /// The hours have what was used in them.
    private func checkHours() throws(SimulationFailure) {
        var sums: [NaiveCluster.Hour: Int64] = [:]
        for (key, sum) in store.hourly where sum.units != 0 {
            let hour = NaiveCluster.Hour(
                tenant: key.tenant, key: key.key, meter: key.meter, hour: key.hour)
            sums[hour, default: 0] += sum.units
        }
        let hours = naive.hours
        for (hour, units) in hours where sums[hour] != units {
            throw fail(
                "\(units) of \(hour.meter) were used by \(hour.tenant) at \(hour.hour), the hours "
                    + "say \(sums[hour] ?? 0)")
        }
        for (hour, units) in sums where hours[hour] == nil && units != 0 {
            throw fail("\(units) of \(hour.meter) were not used by \(hour.tenant)")
        }
    }

    /// Each admitted request counts once for its key and day.
    private func checkKeyDays() throws(SimulationFailure) {
        for (day, count) in naive.counted where store.keyDays[day]?.requests != count {
            throw fail(
                "\(count) requests of \(day.tenant) on \(day.date), the key's day has "
                    + "\(store.keyDays[day]?.requests ?? 0)")
        }
        for day in store.keyDays.keys where naive.counted[day] == nil {
            throw fail("requests of \(day.tenant) on \(day.date) that were none")
        }
    }

    /// Each use has its event, where its meter is recorded so, with its overage and its period.
    private func checkEvents() throws(SimulationFailure) {
        for (id, use) in naive.uses.sorted(by: { $0.key < $1.key }) {
            for (meter, units) in use.booked where units != 0 {
                let key = MemoryStore.EventKey(
                    tenant: use.tenant, id: ExactString(id), meter: meter)
                guard let event = store.events[key] else {
                    if meter != SimulationPlan.tokens { continue }
                    throw fail("\(id) used \(units) of \(meter) and has no event")
                }
                guard event.units == units, event.key == use.key else {
                    throw fail("\(id) used \(units) of \(meter), its event says \(event.units)")
                }
                try check(event, of: use)
            }
        }
    }

    private func check(
        _ event: UsageEvent,
        of use: NaiveUse
    ) throws(SimulationFailure) {
        if use.mayAdjust { return }
        let isRight = event.adjusts.map { use.adjusts.contains($0) } ?? use.adjusts.isEmpty
        guard isRight || use.parts.contains(where: { $0.meter != event.meter }) else {
            let adjusted = event.adjusts.map { "\($0)" } ?? "nothing"
            throw fail("the event of \(use.id) adjusts \(adjusted)")
        }
        // What comes late, or beyond limits that do not refuse, is another kind of overage.
        let isPlain = use.isEnforced && use.adjusts.isEmpty
        let hasShadow = use.parts.contains { naive.unbounded.contains($0.account.key) }
        let hasBudget = use.parts.contains { $0.meter == event.meter }
        let isContested = use.parts.contains { $0.lease.map(naive.contested.contains) ?? false }
        if !isPlain || hasShadow || !hasBudget || isContested { return }
        let held = use.known?.wasVoided ?? false ? 0 : use.toldHeld[event.meter] ?? 0
        guard event.overage == max(0, event.units - held) else {
            throw fail("\(use.id) held \(held), used \(event.units), overage \(event.overage)")
        }
    }
}

extension AccountRecord {
    /// The balances as an entry.
    fileprivate var balances: Entry {
        Entry(
            account: id, capacity: account.capacity, available: account.available,
            escrowed: account.escrowed, suspect: account.suspect, posted: account.posted)
    }
}
