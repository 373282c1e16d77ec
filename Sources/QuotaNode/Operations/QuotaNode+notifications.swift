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

    /// The setting of the ledger that counts the notifications that were logged.
    private static var lastLoggedSetting: String { "last_logged_notification" }

    /// The number of the last notification of which the ledger knows that it was logged; nil where
    /// none ever was.
    public func lastLoggedNotification() async throws(NodeError) -> Int64? {
        try await asking { () async throws(LedgerError) in
            try await ledger.setting(Self.lastLoggedSetting)
        }
        .flatMap { Int64($0) }
    }

    /// Has the ledger keep the number of the last notification that was logged.
    public func keepLastLogged(_ number: Int64) async throws(NodeError) {
        _ = try await run(.putSetting(name: Self.lastLoggedSetting, value: "\(number)"), nil)
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
