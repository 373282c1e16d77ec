package import QuotaLedger
package import QuotaModel

// Notifications and their deliveries.
extension SQLReader {
    package func endpoints() throws(LedgerError) -> [WebhookEndpoint] {
        if let endpoints = state.endpoints { return endpoints }
        let endpoints = try all("SELECT * FROM webhooks ORDER BY id", [], NotificationRows.endpoint)
        state.endpoints = endpoints
        return endpoints
    }

    package func delivery(_ id: WebhookDelivery.ID) throws(LedgerError) -> WebhookDelivery? {
        try one(
            "SELECT * FROM deliveries WHERE endpoint = ? AND number = ?",
            [.of(id.endpoint.text), .of(id.number)], NotificationRows.delivery)
    }

    package func hasNotification(_ number: Int64) throws(LedgerError) -> Bool {
        try one("SELECT 1 FROM notifications WHERE number = ?", [.of(number)]) { _ in true }
            ?? false
    }

    package func hasToldEnd(like other: QuotaNotification) throws(LedgerError) -> Bool {
        guard let tenant = other.tenant, let end = other.endsAt else { return false }
        return try one(
            """
            SELECT 1 FROM notifications
            WHERE tenant = ? AND kind = ? AND ends_at_ns = ? AND coalesce(limit_name, '') = ?
            LIMIT 1
            """,
            [
                .of(tenant.text), .of(other.kind.rawValue), .of(end.nanoseconds),
                .of(other.limit ?? ""),
            ]
        ) { _ in true } ?? false
    }

    package func hasNotifications(before instant: Timestamp) throws(LedgerError) -> Bool {
        try one(
            "SELECT 1 FROM notifications WHERE at_ns < ? LIMIT 1", [.of(instant.nanoseconds)]
        ) { _ in true } ?? false
    }

    package func dueReminders(now: Timestamp, limit: Int) throws(LedgerError) -> [Reminder] {
        try all(
            """
            SELECT * FROM reminders WHERE at_ns <= ?
            ORDER BY at_ns, kind, tenant, meter, window LIMIT ?
            """, [.of(now.nanoseconds), .of(Int64(limit))], NotificationRows.reminder)
    }
}
