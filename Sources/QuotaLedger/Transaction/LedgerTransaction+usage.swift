import QuotaEngine
package import QuotaModel

/// What all usage events of one booking share.
struct Posting {
    let tenant: TenantID
    let key: APIKeyID
    let model: ModelName?
    let id: String
    let admittedAt: Timestamp
    let adjusts: Timestamp?
    let idempotencyKey: ExactString?
    let metadata: String?
    /// What was said at the end, which is kept in place of the metadata.
    let note: String?

    init(_ admit: AdmitCommand, at now: Timestamp) {
        tenant = admit.tenant
        key = admit.key
        model = admit.model
        id = admit.decisionID
        admittedAt = now
        adjusts = nil
        idempotencyKey = admit.idempotency?.key
        metadata = admit.metadata
        note = nil
    }

    init(_ reservation: Reservation, adjusts: Timestamp?, note: String? = nil) {
        tenant = reservation.tenant
        key = reservation.key
        model = reservation.model
        id = reservation.id.text
        admittedAt = reservation.admittedAt
        self.adjusts = adjusts
        idempotencyKey = reservation.idempotencyKey
        metadata = reservation.metadata
        self.note = note
    }
}

extension LedgerTransaction {
    /// Books units as used: events and hours, of which the days are made in the end.
    ///
    /// The hour is that of admission. A note alone makes no event: who notes something down would
    /// turn each meter into one that is recorded one by one.
    mutating func book(_ metered: MeteredCharge, overage: Int64, posting: Posting) {
        let charge = metered.charge
        if charge.amount == 0 { return }
        let key = HourlyUsageKey(
            tenant: posting.tenant, key: posting.key, meter: charge.meter,
            model: posting.model, hour: posting.admittedAt.startOfHour)
        changes.hourly[key, default: UsageSum()].add(charge.amount, postings: 1)
        if metered.recording == .event || posting.idempotencyKey != nil
            || posting.metadata != nil || overage > 0 || posting.adjusts != nil
        {
            changes.events.append(
                UsageEvent(
                    tenant: posting.tenant, id: posting.id, meter: charge.meter,
                    units: charge.amount, overage: overage, key: posting.key,
                    model: posting.model, admittedAt: posting.admittedAt, postedAt: now,
                    adjusts: posting.adjusts, idempotencyKey: posting.idempotencyKey,
                    metadata: posting.note ?? posting.metadata))
        }
    }

    /// Books an event with its sums.
    mutating func bookSums(_ event: UsageEvent, postings: Int64) {
        changes.hourly[event.hour, default: UsageSum()].add(event.units, postings: postings)
        stagedCorrections[ExactString(event.id), default: []].append(changes.events.count)
        changes.events.append(event)
    }

    /// Counts an admitted request under its key's day.
    mutating func count(_ admit: AdmitCommand) {
        let day = KeyDay(key: admit.key, date: now.date, tenant: admit.tenant)
        let earlier =
            changes.keyDays[day] ?? RequestCount(requests: 0, last: .distantPast)
        changes.keyDays[day] = RequestCount(
            requests: earlier.requests.addingSaturating(1), last: max(earlier.last, now))
    }

    /// Adds the hours up to days.
    mutating func sumDays() {
        for (key, sum) in changes.hourly {
            let day = MeterDay(date: key.hour.date, meter: key.meter, tenant: key.tenant)
            changes.meterDays[day] = (changes.meterDays[day] ?? 0).addingSaturating(sum.units)
        }
    }

    /// Notes until when the budgets that changed are used up, for today's usage list.
    ///
    /// What counts is the newest account of each limit.
    mutating func markExceeded() throws(LedgerError) {
        var keys: Set<AccountKey> = []
        // A close changes nothing of the one that follows.
        for slot in accounts.slots
        where slot.record.isTenantScope && slot.record.account.state != .closed {
            keys.insert(slot.record.key)
        }
        for key in keys {
            guard let record = try currentAccount(key), let quantity = record.account.quantity
            else { continue }
            let day = MeterDay(date: now.date, meter: record.meter, tenant: key.tenant)
            let isExceeded = now < record.period.end && record.account.used >= quantity
            let known = changes.exceededUntil[day] ?? nil
            changes.exceededUntil[day] = .some(
                isExceeded ? max(record.period.end, known ?? .distantPast) : known)
        }
    }
}

extension UsageSum {
    /// Adds another sum.
    package mutating func add(_ sum: UsageSum) { add(sum.units, postings: sum.postings) }

    fileprivate mutating func add(_ amount: Int64, postings count: Int64) {
        units = units.addingSaturating(amount)
        postings = postings.addingSaturating(count)
    }
}

extension Int64 {
    /// A sum that stops at the largest number: usage sums only inform, accounts refuse.
    func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}

extension UsageEvent {
    /// The hour that its units are summed in: that of admission.
    package var hour: HourlyUsageKey {
        HourlyUsageKey(
            tenant: tenant, key: key, meter: meter, model: model, hour: admittedAt.startOfHour)
    }
}

extension Timestamp {
    /// The start of its hour, UTC.
    package var startOfHour: Timestamp {
        let hour: Int64 = 3_600_000_000_000
        return Timestamp(nanoseconds: nanoseconds.flooredDivision(by: hour) * hour)
    }
}
