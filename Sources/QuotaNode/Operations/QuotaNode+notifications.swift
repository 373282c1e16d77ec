public import QuotaLedger
public import QuotaModel

// Notifications, and their way to those who want them.
extension QuotaNode {
    /// Notifications in the order in which they were written.
    public func notifications(
        _ page: NotificationPage
    ) async throws(NodeError) -> [QuotaNotification] {
        try await asking { () async throws(LedgerError) in
            try await ledger.notifications(page)
        }
    }

    /// The number of the newest notification; 0 when there is none.
    public func lastNotification() async throws(NodeError) -> Int64 {
        try await asking { () async throws(LedgerError) in try await ledger.lastNotification() }
    }

    /// Deliveries that are due now, at most so many of each endpoint.
    public func dueDeliveries(perEndpoint: Int) async throws(NodeError) -> [NotifiedDelivery] {
        let now = now
        return try await asking { () async throws(LedgerError) in
            try await ledger.dueDeliveries(at: now, perEndpoint: perEndpoint)
        }
    }

    /// Keeps what became of an attempt to deliver.
    public func record(_ report: DeliveryReport) async throws(NodeError) {
        _ = try await run(.recordDeliveries([report]), nil)
    }
}
