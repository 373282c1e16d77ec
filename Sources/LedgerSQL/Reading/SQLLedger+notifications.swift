// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

package import QuotaLedger
package import QuotaModel

// Reads of notifications, webhook endpoints and deliveries.
extension SQLLedger {
    public func notifications(
        _ page: NotificationPage
    ) async throws(LedgerError) -> [QuotaNotification] {
        var conditions = page.tenant == nil ? "" : " AND tenant = ?"
        let kinds = page.kinds.map(\.rawValue).sorted()
        if !kinds.isEmpty {
            let places = kinds.map { _ in "?" }.joined(separator: ", ")
            conditions += " AND kind IN (\(places))"
        }
        let values: [SQLValue] =
            [.of(page.after)] + [page.tenant?.text].compactMap(\.self).map(SQLValue.of)
            + kinds.map(SQLValue.of) + [.of(page.limit)]
        return try await read { [conditions] sql throws(LedgerError) in
            try sql.all(
                composed: """
                    SELECT * FROM notifications WHERE number > ?\(conditions)
                    ORDER BY number LIMIT ?
                    """, values
            )
            .map(NotificationRows.notification)
        }
    }

    public func lastNotification() async throws(LedgerError) -> Int64 {
        try await read { sql throws(LedgerError) in
            try sql.first("SELECT notifications FROM head").map { $0["notifications"] } ?? 0
        }
    }

    public func endpoints() async throws(LedgerError) -> [WebhookEndpoint] {
        try await read { sql throws(LedgerError) in
            try sql.all("SELECT * FROM webhooks ORDER BY id").map(NotificationRows.endpoint)
        }
    }

    public func deliveries(
        _ page: DeliveryPage
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        try await read { sql throws(LedgerError) in
            let state = SQLValue.of(page.state?.rawValue)
            return
                try sql.all(
                    """
                    SELECT * FROM deliveries JOIN notifications USING (number)
                    WHERE endpoint = ? AND number > ? AND (? IS NULL OR state = ?)
                    ORDER BY number LIMIT ?
                    """, [.of(page.endpoint.text), .of(page.after), state, state, .of(page.limit)]
                )
                .map(NotificationRows.notified)
        }
    }

    public func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        try await read { sql throws(LedgerError) in
            var due: [NotifiedDelivery] = []
            for endpoint in try sql.all(
                "SELECT id FROM webhooks WHERE status = 'active' ORDER BY id")
            {
                due +=
                    try sql.all(
                        """
                        SELECT * FROM deliveries JOIN notifications USING (number)
                        WHERE endpoint = ? AND state = 'pending' AND next_ns <= ?
                        ORDER BY next_ns, number LIMIT ?
                        """,
                        [.of(endpoint["id"] as String), .of(now.nanoseconds), .of(perEndpoint)]
                    )
                    .map(NotificationRows.notified)
            }
            return due
        }
    }
}
