import QuotaModel

extension MemoryStore {
    /// Writes what a transaction changed.
    mutating func apply(_ changes: LedgerChanges) {
        ledgerHead = changes.head
        tenants.merge(changes.tenants) { $1 }
        keys.merge(changes.keys) { $1 }
        plans.merge(changes.plans) { $1 }
        meters.merge(changes.meters) { $1 }
        for (name, value) in changes.settings { settings[name] = value }
        applyAccounts(changes)
        for (id, grant) in changes.grants
        where grants.updateValue(grant, forKey: id) == nil {
            grantsByReservation[grant.reservation, default: []].append(id)
        }
        reservations.merge(changes.reservations) { $1 }
        buckets.merge(changes.buckets) { $1 }
        applyUsage(changes)
        answers.merge(changes.answers) { $1 }
        if let forgotten = changes.forgottenAnswers { forget(forgotten) }
        if let batch = changes.batch { batches.append(batch) }
    }

    private mutating func applyAccounts(_ changes: LedgerChanges) {
        for (id, record) in changes.accounts {
            accounts[id] = record
            newest[id.key] = max(newest[id.key] ?? .distantPast, id.periodStart)
        }
        for archive in changes.archives {
            accounts[archive.record.id] = nil
            archives.append(archive)
        }
    }

    private mutating func applyUsage(_ changes: LedgerChanges) {
        events += changes.events
        for (key, sum) in changes.hourly {
            let old = hourly[key] ?? UsageSum()
            hourly[key] = UsageSum(
                units: old.units + sum.units, postings: old.postings + sum.postings)
        }
        for (day, growth) in changes.keyDays {
            let requests = (keyDays[day]?.requests ?? 0) + growth.requests
            keyDays[day] = LedgerChanges.KeyDayGrowth(requests: requests, last: growth.last)
        }
        for (day, units) in changes.meterDays {
            meterDays[day, default: MeterDayRow(units: 0)].units += units
        }
        for (day, until) in changes.exceededUntil {
            meterDays[day]?.exceededUntil = until
        }
    }

    private mutating func forget(_ forgotten: LedgerChanges.ForgottenAnswers) {
        answers = answers.filter { $0.value.createdAt >= forgotten.before }
        if answers.count > forgotten.keeping {
            let newest = answers.values.sorted { $0.createdAt > $1.createdAt }
            answers = Dictionary(
                uniqueKeysWithValues: newest.prefix(forgotten.keeping).map { ($0.id, $0) })
        }
    }
}
