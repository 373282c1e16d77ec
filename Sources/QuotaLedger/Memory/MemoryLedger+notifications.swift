public import QuotaModel

extension MemoryLedger {
    /// Notifications in the order in which they were written.
    public func notifications(_ page: NotificationPage) async -> [QuotaNotification] {
        withStore { store in Array(store.notifications.filter(page.includes).prefix(page.limit)) }
    }

    /// The number of the newest notification.
    public func lastNotification() async -> Int64 { withStore { $0.ledgerHead.notifications } }

    /// The webhook endpoints, by id.
    public func endpoints() async -> [WebhookEndpoint] { withStore { $0.endpoints() } }

    /// The deliveries to an endpoint.
    public func deliveries(_ page: DeliveryPage) async -> [NotifiedDelivery] {
        withStore { $0.deliveries(page) }
    }

    /// Deliveries to active endpoints that are due.
    public func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async -> [NotifiedDelivery] {
        withStore { $0.dueDeliveries(at: now, perEndpoint: perEndpoint) }
    }
}
