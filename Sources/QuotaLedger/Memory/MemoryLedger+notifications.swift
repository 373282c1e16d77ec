public import QuotaModel

extension MemoryLedger {
    public func notifications(_ page: NotificationPage) async -> [QuotaNotification] {
        withStore { store in Array(store.notifications.filter(page.includes).prefix(page.limit)) }
    }

    public func endpoints() async -> [WebhookEndpoint] { withStore { $0.endpoints() } }

    public func deliveries(_ page: DeliveryPage) async -> [NotifiedDelivery] {
        withStore { $0.deliveries(page) }
    }

    public func dueDeliveries(
        at now: Timestamp,
        perEndpoint: Int
    ) async -> [NotifiedDelivery] {
        withStore { $0.dueDeliveries(at: now, perEndpoint: perEndpoint) }
    }
}
