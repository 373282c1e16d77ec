import QuotaLedger
import QuotaModel

/// Notifications, webhook endpoints, deliveries and reminders as rows.
enum NotificationRows {
    static func notification(_ row: SQLRow) -> QuotaNotification {
        let tenant: String? = row["tenant"]
        let organization: String? = row["organization"]
        let meter: String? = row["meter"]
        let window: String? = row["window"]
        let plan: String? = row["plan"]
        let endsAt: Int64? = row["ends_at_ns"]
        return QuotaNotification(
            number: row["number"],
            kind: QuotaNotification.Kind(rawValue: row["kind"]) ?? .thresholdReached,
            at: Timestamp(nanoseconds: row["at_ns"]),
            tenant: tenant.map(TenantID.init(trusted:)),
            organization: organization.map(OrganizationID.init(trusted:)),
            limit: row["limit_name"],
            meter: meter.map(MeterID.init(trusted:)),
            window: window.flatMap(Window.init),
            use: use(row),
            plan: plan.map(PlanID.init(trusted:)),
            endsAt: endsAt.map(Timestamp.init(nanoseconds:)))
    }

    private static func use(_ row: SQLRow) -> QuotaNotification.Use? {
        let used: Int64? = row["used"]
        guard let used else { return nil }
        let start: Int64? = row["period_start_ns"]
        let end: Int64? = row["period_end_ns"]
        var period: Period?
        if let start, let end, start < end {
            period = Period(
                start: Timestamp(nanoseconds: start), end: Timestamp(nanoseconds: end), index: 0)
        }
        return QuotaNotification.Use(
            quantity: row["quantity"], used: used, percent: row["percent"], period: period)
    }

    static func insert(_ notification: QuotaNotification, _ sql: any SQLSession) throws(LedgerError)
    {
        try sql.run(
            """
            INSERT INTO notifications (
                number, kind, at_ns, tenant, organization, limit_name, meter, window, quantity,
                used, percent, period_start_ns, period_end_ns, plan, ends_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ) { row in
            row.add(notification.number)
            row.add(notification.kind.rawValue)
            row.add(notification.at.nanoseconds)
            row.add(notification.tenant?.text)
            row.add(notification.organization?.text)
            row.add(notification.limit)
            row.add(notification.meter?.text)
            row.add(notification.window?.rawValue)
            row.add(notification.use?.quantity)
            row.add(notification.use?.used)
            row.add((notification.use?.percent).map { Int64($0) })
            row.add(notification.use?.period?.start.nanoseconds)
            row.add(notification.use?.period?.end.nanoseconds)
            row.add(notification.plan?.text)
            row.add(notification.endsAt?.nanoseconds)
        }
    }

    static func forget(before instant: Timestamp, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            DELETE FROM deliveries
            WHERE number IN (SELECT number FROM notifications WHERE at_ns < ?)
            """
        ) { $0.add(instant.nanoseconds) }
        try sql.run("DELETE FROM notifications WHERE at_ns < ?") { $0.add(instant.nanoseconds) }
    }

    // MARK: Endpoints

    static func endpoint(_ row: SQLRow) -> WebhookEndpoint {
        let kinds: String = row["kinds"]
        let tenant: String? = row["tenant"]
        let previous: Int64? = row["previous_until_ns"]
        return WebhookEndpoint(
            id: WebhookID(trusted: row["id"]),
            url: row["url"],
            kinds: Set(
                kinds.split(separator: ",")
                    .compactMap { QuotaNotification.Kind(rawValue: String($0)) }),
            tenant: tenant.map(TenantID.init(trusted:)),
            status: WebhookEndpoint.Status(rawValue: row["status"]) ?? .disabled,
            failure: row["failure"],
            secretVersion: row["secret_version"],
            pepperVersion: row["pepper_version"],
            previousSecretUntil: previous.map(Timestamp.init(nanoseconds:)),
            createdAt: Timestamp(nanoseconds: row["created_at_ns"]))
    }

    static func put(_ endpoint: WebhookEndpoint, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO webhooks (
                id, url, kinds, tenant, status, failure, secret_version, pepper_version,
                previous_until_ns, created_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                url = excluded.url, kinds = excluded.kinds, tenant = excluded.tenant,
                status = excluded.status, failure = excluded.failure,
                secret_version = excluded.secret_version,
                pepper_version = excluded.pepper_version,
                previous_until_ns = excluded.previous_until_ns,
                created_at_ns = excluded.created_at_ns
            """
        ) { row in
            row.add(endpoint.id.text)
            row.add(endpoint.url)
            row.add(endpoint.kinds.map(\.rawValue).sorted().joined(separator: ","))
            row.add(endpoint.tenant?.text)
            row.add(endpoint.status.rawValue)
            row.add(endpoint.failure)
            row.add(endpoint.secretVersion)
            row.add(endpoint.pepperVersion)
            row.add(endpoint.previousSecretUntil?.nanoseconds)
            row.add(endpoint.createdAt.nanoseconds)
        }
    }

    static func delete(_ id: WebhookID, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run("DELETE FROM webhooks WHERE id = ?") { $0.add(id.text) }
        try sql.run("DELETE FROM deliveries WHERE endpoint = ?") { $0.add(id.text) }
    }

    // MARK: Deliveries

    static func delivery(_ row: SQLRow) -> WebhookDelivery {
        let next: Int64? = row["next_ns"]
        return WebhookDelivery(
            id: WebhookDelivery.ID(
                endpoint: WebhookID(trusted: row["endpoint"]), number: row["number"]),
            state: WebhookDelivery.State(rawValue: row["state"]) ?? .dead,
            attempts: row["attempts"],
            nextAttemptAt: next.map(Timestamp.init(nanoseconds:)),
            lastStatus: row["last_status"],
            lastFailure: row["last_failure"],
            updatedAt: Timestamp(nanoseconds: row["updated_at_ns"]))
    }

    static func put(_ delivery: WebhookDelivery, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO deliveries (
                endpoint, number, state, attempts, next_ns, last_status, last_failure,
                updated_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (endpoint, number) DO UPDATE SET
                state = excluded.state, attempts = excluded.attempts,
                next_ns = excluded.next_ns, last_status = excluded.last_status,
                last_failure = excluded.last_failure, updated_at_ns = excluded.updated_at_ns
            """
        ) { row in
            row.add(delivery.id.endpoint.text)
            row.add(delivery.id.number)
            row.add(delivery.state.rawValue)
            row.add(Int64(delivery.attempts))
            row.add(delivery.nextAttemptAt?.nanoseconds)
            row.add(delivery.lastStatus.map { Int64($0) })
            row.add(delivery.lastFailure)
            row.add(delivery.updatedAt.nanoseconds)
        }
    }

    /// A delivery beside what it delivers.
    static func notified(_ row: SQLRow) -> NotifiedDelivery {
        NotifiedDelivery(delivery: delivery(row), notification: notification(row))
    }

    // MARK: Reminders

    static func reminder(_ row: SQLRow) -> Reminder {
        let tenant = TenantID(trusted: row["tenant"])
        let kind: String = row["kind"]
        let startsAt: Int64 = row["starts_at_ns"]
        let subject: Reminder.Subject =
            kind == "trial"
            ? .trial(tenant)
            : .override(
                LimitOverride.ID(
                    tenant: tenant, meter: MeterID(trusted: row["meter"]),
                    window: Window(rawValue: row["window"]) ?? .lifetime,
                    startsAt: startsAt == 0 ? nil : Timestamp(nanoseconds: startsAt)))
        return Reminder(
            at: Timestamp(nanoseconds: row["at_ns"]), subject: subject,
            endsAt: Timestamp(nanoseconds: row["ends_at_ns"]))
    }

    static func put(_ reminder: Reminder, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            INSERT INTO reminders (
                at_ns, kind, tenant, meter, window, starts_at_ns, ends_at_ns)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """
        ) { $0.add(reminder) }
    }

    static func delete(_ reminder: Reminder, _ sql: any SQLSession) throws(LedgerError) {
        try sql.run(
            """
            DELETE FROM reminders WHERE at_ns = ? AND kind = ? AND tenant = ? AND meter = ?
                AND window = ? AND starts_at_ns = ? AND ends_at_ns = ?
            """
        ) { $0.add(reminder) }
    }
}

extension SQLBindings {
    fileprivate mutating func add(_ reminder: Reminder) {
        add(reminder.at.nanoseconds)
        switch reminder.subject {
        case .override(let id):
            add("override")
            add(id.tenant.text)
            add(id.meter.text)
            add(id.window.rawValue)
            add(id.startsAt?.nanoseconds ?? 0)
        case .trial(let tenant):
            add("trial")
            add(tenant.text)
            add("")
            add("")
            add(0 as Int64)
        }
        add(reminder.endsAt.nanoseconds)
    }
}
