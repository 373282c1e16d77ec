import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

// What the ledger does for those who ask it directly, in the naive count.
extension Simulation {
    mutating func observeDirect(
        _ command: LedgerCommand,
        _ answer: LedgerAnswer
    ) throws(SimulationFailure) {
        switch (command, answer) {
        case (.admit(let admit), .admitted(.decided(let outcome, _))) where outcome.isAdmitted:
            try observe(admit)
        case (.importUsage(let use), .imported(earlier: nil)): observe(use)
        case (.allocate(let allocate), .allocated(.decided(let outcome, let delta, _)))
        where outcome.isAdmitted:
            for demand in allocate.request.demands {
                let key = demand.limit.accountKey(of: allocate.request.tenant)
                if delta != 0 { naive.posted[newest(key), default: 0] += delta }
            }
        default: break
        }
    }

    private func newest(_ key: AccountKey) -> AccountID {
        AccountID(key: key, periodStart: store.newest[key] ?? .distantPast)
    }

    private mutating func observe(_ admit: AdmitCommand) throws(SimulationFailure) {
        guard let number = directOperation else { throw fail("nobody asked the ledger") }
        let id = admit.hold?.id.text ?? admit.decisionID
        let parts = admit.demands.filter { $0.limit.rate == nil }
            .map { demand in
                NaiveUse.Part(
                    meter: demand.limit.limit.meter,
                    account: newest(demand.limit.accountKey(of: admit.tenant)), lease: nil,
                    units: demand.amount)
            }
        var (use, rates) = client.operations[number]
            .use(id, admit, parts: parts, life: nil, at: ledgerNow)
        use.known = use.truth
        try make((use, rates))
        naive.count(use)
        naive.book(id)
    }

    /// After all that the same transaction has posted: no more can be taken back than that.
    mutating func observe(_ adjust: AdjustCommand) {
        for demand in adjust.demands {
            let account = newest(demand.limit.accountKey(of: adjust.tenant))
            let posted = naive.posted[account] ?? 0
            let change = max(adjust.amount, -posted)
            naive.posted[account] = posted + change
            // What is taken back may be used again.
            if change < 0 { naive.credits[account, default: 0] -= change }
        }
        correct(adjust.amount, adjust.tenant, .service, adjust.meter, at: ledgerNow)
    }

    private mutating func observe(_ use: ImportUsageCommand) {
        let endOfDay = CivilDate(daysSinceEpoch: use.date.daysSinceEpoch + 1).startUTC
        let at = min(ledgerNow, endOfDay.adding(nanoseconds: -1))
        for demand in use.demands {
            let account = newest(demand.limit.accountKey(of: use.tenant))
            // Only what lies in the current period counts against it.
            guard let record = store.accounts[account], record.account.state == .open,
                record.period.start <= at, at < record.period.end, ledgerNow < record.period.end
            else { continue }
            naive.posted[account, default: 0] += use.units
        }
        correct(use.units, use.tenant, use.key, use.meter.id, at: at)
        if use.meter.id == SimulationPlan.calls {
            let day = KeyDay(key: use.key, date: use.date, tenant: use.tenant)
            naive.counted[day, default: 0] += use.units
        }
    }

    private mutating func correct(
        _ units: Int64,
        _ tenant: TenantID,
        _ key: APIKeyID,
        _ meter: MeterID,
        at: Timestamp
    ) {
        let hour = NaiveCluster.Hour(tenant: tenant, key: key, meter: meter, at: at)
        naive.corrected[hour, default: 0] += units
    }
}
