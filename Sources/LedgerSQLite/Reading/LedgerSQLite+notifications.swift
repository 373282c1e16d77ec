import GRDB
public import QuotaLedger
public import QuotaModel

extension LedgerSQLite {
    /// Notifications in the order in which they were written.
    public func notifications(
        _ page: NotificationPage
    ) async throws(LedgerError) -> [QuotaNotification] {
        var conditions = page.tenant == nil ? "" : " AND tenant = ?"
        let kinds = page.kinds.map(\.rawValue).sorted()
        if !kinds.isEmpty {
            let places = kinds.map { _ in "?" }.joined(separator: ", ")
            conditions += " AND kind IN (\(places))"
        }
        let arguments =
            StatementArguments([page.after])
            + StatementArguments([page.tenant?.text].compactMap(\.self))
            + StatementArguments(kinds) + [page.limit]
        return try await read { [conditions] database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM notifications WHERE number > ?\(conditions)
                        ORDER BY number LIMIT ?
                        """),
                arguments: arguments
            )
            .map(NotificationRows.notification)
        }
    }

    /// The number of the newest notification.
    public func lastNotification() async throws(LedgerError) -> Int64 {
        try await read { database in
            try Int64.fetchOne(database, sql: "SELECT notifications FROM head") ?? 0
        }
    }

    /// The webhook endpoints, by id.
    public func endpoints() async throws(LedgerError) -> [WebhookEndpoint] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM webhooks ORDER BY id")
                .map(NotificationRows.endpoint)
        }
    }

    /// The deliveries to an endpoint.
    public func deliveries(
        _ page: DeliveryPage
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT * FROM deliveries JOIN notifications USING (number)
                        WHERE endpoint = ? AND number > ? AND (? IS NULL OR state = ?)
                        ORDER BY number LIMIT ?
                        """),
                arguments: [
                    page.endpoint.text, page.after, page.state?.rawValue, page.state?.rawValue,
                    page.limit,
                ]
            )
            .map(Self.notified)
        }
    }

    /// Deliveries to active endpoints that are due.
    public func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async throws(LedgerError) -> [NotifiedDelivery] {
        try await read { database in
            let active = try String.fetchAll(
                database, sql: "SELECT id FROM webhooks WHERE status = 'active' ORDER BY id")
            return try active.flatMap { id in
                try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT * FROM deliveries JOIN notifications USING (number)
                            WHERE endpoint = ? AND state = 'pending' AND next_ns <= ?
                            ORDER BY next_ns, number LIMIT ?
                            """),
                    arguments: [id, now.nanoseconds, perEndpoint]
                )
                .map(Self.notified)
            }
        }
    }

    private static func notified(_ row: Row) -> NotifiedDelivery {
        NotifiedDelivery(
            delivery: NotificationRows.delivery(row),
            notification: NotificationRows.notification(row))
    }
}
