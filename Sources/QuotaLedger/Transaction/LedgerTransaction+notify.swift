import QuotaEngine
import QuotaModel

// Notifications, written with what they are about.
extension LedgerTransaction {
    /// Notes what the accounts have come to: thresholds, the end of a limit, room again, the end of
    /// a period.
    ///
    /// Each is told once in a period. What counts is what is settled or suspect: what is held may
    /// come back, and what is leased may be unused.
    mutating func announce() throws(LedgerError) {
        for index in accounts.slots.indices {
            let slot = accounts.slots[index]
            if slot.record.account.state == .open {
                guard let told = try told(slot.record) else { continue }
                accounts.setTold(told, at: index)
            } else if slot.before?.state == .open, !slot.record.account.isUnlimited {
                try announceEnd(of: slot.record)
            }
        }
    }

    /// What is told of an open account now; nil when that has not changed.
    private mutating func told(_ record: AccountRecord) throws(LedgerError) -> PercentSet? {
        let account = record.account
        let used = Int64(clamping: Int128(account.posted) + Int128(account.suspect))
        var told = record.told
        // An allocation has no periods: what is given back may be reached again.
        if record.window == .none { told.rearm(used: used, of: account.capacity) }
        let isBounded = !account.isUnlimited
        for percent in record.thresholds.subtracting(told).members
        where percent < 100 && isBounded && account.capacity > 0
            && account.capacity.reach(percent) <= used
        {
            told.insert(percent)
            try notify(.thresholdReached, record, used, percent: percent)
        }
        // What gives nothing, and was never used, is not used up.
        let isExhausted = isBounded && used >= account.capacity && max(used, account.capacity) > 0
        if isExhausted, !told.contains(PercentSet.exhausted) {
            told.insert(PercentSet.exhausted)
            try notify(.exhausted, record, used, percent: 100)
        } else if !isBounded || used < account.capacity, told.contains(PercentSet.exhausted),
            !told.contains(PercentSet.recovered)
        {
            told.insert(PercentSet.recovered)
            try notify(.recovered, record, used)
        }
        return told == record.told ? nil : told
    }

    /// The end of a period of which something was told, that was ended by hand, or of which an
    /// endpoint asked to hear.
    private mutating func announceEnd(of record: AccountRecord) throws(LedgerError) {
        let isAsked = try endpoints()
            .contains { $0.kinds.contains(.reset) && $0.wants(.reset, of: record.key.notified) }
        guard isAsked || !record.told.isEmpty || resets.contains(record.id) else { return }
        try notify(.reset, record, record.account.used)
    }

    private mutating func notify(
        _ kind: QuotaNotification.Kind,
        _ record: AccountRecord,
        _ used: Int64,
        percent: Int? = nil
    ) throws(LedgerError) {
        try notify { [now] number in
            QuotaNotification(
                number: number, kind: kind, at: now, tenant: record.key.notified,
                organization: record.key.organization, limit: record.key.limit.text,
                meter: record.meter, window: record.window,
                use: QuotaNotification.Use(
                    quantity: record.account.quantity, used: used, percent: percent,
                    period: record.period == .lifetime ? nil : record.period))
        }
    }

    /// Writes a notification, and a delivery for each endpoint that wants it.
    private mutating func notify(
        _ make: (Int64) -> QuotaNotification
    ) throws(LedgerError) {
        changes.head.notifications += 1
        let notification = make(changes.head.notifications)
        changes.notifications.append(notification)
        for endpoint in try endpoints()
        where endpoint.wants(notification.kind, of: notification.tenant) {
            let id = WebhookDelivery.ID(endpoint: endpoint.id, number: notification.number)
            changes.deliveries[id] = WebhookDelivery(id: id, nextAttemptAt: now, updatedAt: now)
        }
    }

    // MARK: What ends soon

    /// Notes that something will have to be told of.
    mutating func remind(of subject: Reminder.Subject, endingAt end: Timestamp, lead: Int64) {
        guard end > now, end < .distantFuture else { return }
        let at = max(now, end.adding(nanoseconds: -lead))
        changes.reminders[Reminder(at: at, subject: subject, endsAt: end)] = true
    }

    /// Tells of what ends soon, and late of what has ended while nobody could be told: once of each
    /// end.
    ///
    /// - Returns: how many reminders were due.
    mutating func tellReminders(limit: Int) throws(LedgerError) -> Int {
        let due = try reader.dueReminders(now: now, limit: limit)
        for reminder in due {
            changes.reminders[reminder] = false
            switch reminder.subject {
            case .override(let id):
                guard try override(id)?.expiresAt == reminder.endsAt,
                    try tenant(id.tenant)?.status != .closed
                else { continue }
                let limit = Limit(meter: id.meter, window: id.window, quantity: nil)
                try tell { [now] number in
                    QuotaNotification(
                        number: number, kind: .overrideExpiring, at: now, tenant: id.tenant,
                        limit: limit.name, meter: id.meter, window: id.window,
                        endsAt: reminder.endsAt)
                }
            case .trial(let id):
                // A moment before its end, the trial is there also when it is over by now; one that
                // was given up before has left no trace of that end.
                let last = reminder.endsAt.adding(nanoseconds: -1)
                guard let tenant = try tenant(id), tenant.status != .closed,
                    tenant.trialEnd(at: last) == reminder.endsAt
                else { continue }
                try tell { [now] number in
                    QuotaNotification(
                        number: number, kind: .trialEnding, at: now, tenant: id,
                        plan: tenant.plan(at: last).canonical, endsAt: reminder.endsAt)
                }
            }
        }
        return due.count
    }

    /// Writes a notification of an end, unless that was told of before: what was taken back and is
    /// set again ends but once.
    private mutating func tell(_ make: (Int64) -> QuotaNotification) throws(LedgerError) {
        let notification = make(changes.head.notifications + 1)
        guard !changes.notifications.contains(where: notification.tellsSameEnd(as:)),
            try !reader.hasToldEnd(like: notification)
        else { return }
        try notify(make)
    }

    // MARK: Endpoints and deliveries

    func endpoints() throws(LedgerError) -> [WebhookEndpoint] {
        let stored = try reader.endpoints()
        if changes.endpoints.isEmpty { return stored }
        return stored.filter { changes.endpoints[$0.id] == nil }
            + changes.endpoints.values.compactMap(\.self).sorted { $0.id < $1.id }
    }

    mutating func create(_ endpoint: WebhookEndpoint) throws(LedgerError) -> LedgerAnswer {
        let known = try endpoints()
        if known.contains(where: { $0.id == endpoint.id }) { return .alreadyExists }
        guard known.count < WebhookEndpoint.maximumCount else { return .outOfRange }
        changes.endpoints[endpoint.id] = .some(endpoint)
        return .changed(revision: changes.head.revision)
    }

    mutating func update(
        _ endpoint: WebhookEndpoint,
        replacing known: WebhookEndpoint
    ) throws(LedgerError) -> LedgerAnswer {
        guard let stored = try endpoints().first(where: { $0.id == endpoint.id }) else {
            return .notFound
        }
        guard stored == known else { return .stale }
        changes.endpoints[endpoint.id] = .some(endpoint)
        return .changed(revision: changes.head.revision)
    }

    mutating func deleteEndpoint(_ id: WebhookID) throws(LedgerError) -> LedgerAnswer {
        guard try endpoints().contains(where: { $0.id == id }) else { return .notFound }
        changes.endpoints[id] = .some(nil)
        return .changed(revision: changes.head.revision)
    }

    /// Keeps what became of deliveries; one that a replay has renewed meanwhile stays renewed.
    mutating func record(_ reports: [DeliveryReport]) throws(LedgerError) -> LedgerAnswer {
        for report in reports {
            let id = report.delivery.id
            // The attempt was made of the delivery as it is, and not of the one before a replay.
            if let known = try delivery(id), known.state == .pending,
                known.attempts == report.delivery.attempts - 1
            {
                changes.deliveries[id] = report.delivery
            }
            if let reason = report.disabling,
                var endpoint = try endpoints().first(where: { $0.id == id.endpoint }),
                endpoint.status == .active
            {
                endpoint.status = .disabled
                endpoint.failure = reason
                changes.endpoints[endpoint.id] = .some(endpoint)
            }
        }
        return .changed(revision: changes.head.revision)
    }

    mutating func run(_ replay: ReplayCommand) throws(LedgerError) -> LedgerAnswer {
        guard try endpoints().contains(where: { $0.id == replay.endpoint }) else {
            return .notFound
        }
        for number in replay.numbers.prefix(ReplayCommand.maximum) {
            guard try reader.hasNotification(number) else { return .notFound }
            let id = WebhookDelivery.ID(endpoint: replay.endpoint, number: number)
            changes.deliveries[id] = WebhookDelivery(id: id, nextAttemptAt: now, updatedAt: now)
        }
        return .changed(revision: changes.head.revision)
    }

    private func delivery(
        _ id: WebhookDelivery.ID
    ) throws(LedgerError) -> WebhookDelivery? {
        if let staged = changes.deliveries[id] { return staged }
        return try reader.delivery(id)
    }
}

extension AccountKey {
    /// The tenant that is notified; nil for what an organization's tenants share.
    fileprivate var notified: TenantID? { organization == nil ? tenant : nil }
}

extension Int64 {
    /// The use from which so many percent of this are used: rounded up.
    fileprivate func reach(_ percent: Int) -> Int64 {
        Int64(clamping: (Int128(self) * Int128(percent) + 99) / 100)
    }
}

extension PercentSet {
    /// Takes out what is not reached any more.
    fileprivate mutating func rearm(used: Int64, of capacity: Int64) {
        for percent in members where percent < 100 && used < capacity.reach(percent) {
            remove(percent)
        }
        if contains(PercentSet.recovered) {
            remove(PercentSet.exhausted)
            remove(PercentSet.recovered)
        }
    }
}
