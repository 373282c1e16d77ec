import QuotaModel

extension MemoryStore {
    /// Writes what a transaction changed, all of it or nothing.
    package mutating func apply(_ changes: LedgerChanges) throws(LedgerError) {
        try postEvents(changes)
        ledgerHead = changes.head
        if !changes.isEmpty { transactions = changes.transaction }
        tenants.merge(changes.tenants) { $1 }
        keys.merge(changes.keys) { old, new in
            // When a key was last used is not part of its form.
            var new = new
            new.key.lastUsedAt = old.key.lastUsedAt
            return new
        }
        for (id, plan) in changes.plans { plans[id] = plan }
        for (id, organization) in changes.organizations { organizations[id] = organization }
        for (id, override) in changes.overrides { overrides[id] = override }
        for (id, instant) in changes.keyUses {
            let earlier = keys[id]?.key.lastUsedAt ?? .distantPast
            keys[id]?.key.lastUsedAt = max(earlier, instant)
        }
        audit += changes.audit
        meters.merge(changes.meters) { $1 }
        for (name, value) in changes.settings { settings[name] = value }
        applyAccounts(changes)
        for (id, grant) in changes.grants
        where grants.updateValue(grant, forKey: id) == nil {
            grantsByReservation[grant.reservation, default: []].append(id)
        }
        holders.merge(changes.holders) { $1 }
        for id in changes.forgottenHolders { holders[id] = nil }
        leases.merge(changes.leases) { $1 }
        for id in changes.forgottenLeases { leases[id] = nil }
        for (id, owner) in changes.owners { owners[id] = owner }
        for (id, held) in changes.pieces { pieces[id] = held.isEmpty ? nil : held }
        reservations.merge(changes.reservations) { $1 }
        buckets.merge(changes.buckets) { $1 }
        applyUsage(changes)
        for answer in changes.orderedAnswers {
            answerNumbers[answer.id] = (answerNumbers.values.max() ?? 0) + 1
            answers[answer.id] = answer
        }
        if let forgotten = changes.forgottenAnswers { forget(forgotten) }
        if let batch = changes.batch { batches.append(batch) }
        applyNotifications(changes)
    }

    private mutating func applyNotifications(_ changes: LedgerChanges) {
        notifications += changes.notifications
        for (id, endpoint) in changes.endpoints {
            endpointsByID[id] = endpoint
            if endpoint == nil { deliveries = deliveries.filter { $0.key.endpoint != id } }
        }
        deliveries.merge(changes.deliveries) { $1 }
        for (reminder, isKept) in changes.reminders {
            if isKept { reminders.insert(reminder) } else { reminders.remove(reminder) }
        }
        guard let instant = changes.forgottenNotificationsBefore else { return }
        let forgotten = Set(notifications.filter { $0.at < instant }.map(\.number))
        notifications.removeAll { forgotten.contains($0.number) }
        deliveries = deliveries.filter { !forgotten.contains($0.key.number) }
    }

    private mutating func applyAccounts(_ changes: LedgerChanges) {
        for record in changes.accounts {
            accounts[record.id] = record
            newest[record.key] = max(newest[record.key] ?? .distantPast, record.period.start)
        }
        for archive in changes.archives {
            accounts[archive.record.id] = nil
            archives.append(archive)
        }
        guard !changes.condensed.isEmpty else { return }
        let condensed = Dictionary(
            changes.condensed.map { ($0.record.id, $0) }, uniquingKeysWith: { $1 })
        archives = archives.map { condensed[$0.record.id] ?? $0 }
    }

    private mutating func applyUsage(_ changes: LedgerChanges) {
        for (key, sum) in changes.hourly {
            let old = hourly[key] ?? UsageSum()
            hourly[key] = UsageSum(
                units: old.units.addingSaturating(sum.units),
                postings: old.postings.addingSaturating(sum.postings))
        }
        for (day, growth) in changes.keyDays {
            let old = keyDays[day] ?? RequestCount(requests: 0, last: .distantPast)
            keyDays[day] = RequestCount(
                requests: old.requests.addingSaturating(growth.requests),
                last: max(old.last, growth.last))
        }
        for (day, units) in changes.meterDays {
            let old = meterDays[day] ?? MeterDayRow(units: 0)
            meterDays[day] = MeterDayRow(
                units: old.units.addingSaturating(units), exceededUntil: old.exceededUntil)
        }
        for (day, until) in changes.exceededUntil {
            meterDays[day]?.exceededUntil = until
        }
    }

    private mutating func postEvents(_ changes: LedgerChanges) throws(LedgerError) {
        var posted = events
        for event in changes.events {
            let key = EventKey(tenant: event.tenant, id: ExactString(event.id), meter: event.meter)
            guard posted.updateValue(event, forKey: key) == nil else {
                throw LedgerError(
                    .invariant, "event \(event.id) was posted before; nothing was written")
            }
        }
        events = posted
    }

    private mutating func forget(_ forgotten: LedgerChanges.ForgottenAnswers) {
        let old = answers.values.filter { $0.createdAt < forgotten.before }
        forget(old.sorted { ($0.createdAt, number($0)) < ($1.createdAt, number($1)) })
        let last = answerNumbers.values.max() ?? 0
        let surplus = answers.values.filter { number($0) <= last - Int64(forgotten.keeping) }
        forget(surplus.sorted { number($0) < number($1) })
    }

    private func number(_ answer: IdempotencyRecord) -> Int64 { answerNumbers[answer.id] ?? 0 }

    private mutating func forget(_ records: [IdempotencyRecord]) {
        for record in records.prefix(LedgerChanges.ForgottenAnswers.maximum) {
            answers[record.id] = nil
            answerNumbers[record.id] = nil
        }
    }
}
