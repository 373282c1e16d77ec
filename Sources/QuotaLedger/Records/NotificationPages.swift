public import QuotaModel

/// Which notifications are asked for, in the order of their numbers.
public struct NotificationPage: Hashable, Sendable {
    /// Only of this tenant.
    public let tenant: TenantID?
    /// Only of these kinds; empty for all.
    public let kinds: Set<QuotaNotification.Kind>
    /// Only those after this number.
    public let after: Int64
    /// The most of them.
    public let limit: Int

    /// Creates a page.
    public init(
        tenant: TenantID? = nil,
        kinds: Set<QuotaNotification.Kind> = [],
        after: Int64 = 0,
        limit: Int
    ) {
        self.tenant = tenant
        self.kinds = kinds
        self.after = after
        self.limit = limit
    }

    /// Whether a notification belongs to it.
    package func includes(_ notification: QuotaNotification) -> Bool {
        notification.number > after && (tenant == nil || notification.tenant == tenant)
            && (kinds.isEmpty || kinds.contains(notification.kind))
    }
}

/// Which deliveries to one endpoint are asked for, in the order of their numbers.
public struct DeliveryPage: Hashable, Sendable {
    /// Where to.
    public let endpoint: WebhookID
    /// Only in this state.
    public let state: WebhookDelivery.State?
    /// Only those after this number.
    public let after: Int64
    /// The most of them.
    public let limit: Int

    /// Creates a page.
    public init(
        endpoint: WebhookID,
        state: WebhookDelivery.State? = nil,
        after: Int64 = 0,
        limit: Int
    ) {
        self.endpoint = endpoint
        self.state = state
        self.after = after
        self.limit = limit
    }
}

/// A delivery with what it delivers.
public struct NotifiedDelivery: Hashable, Sendable {
    /// The delivery.
    public let delivery: WebhookDelivery
    /// What it delivers.
    public let notification: QuotaNotification

    /// Creates a pair.
    public init(delivery: WebhookDelivery, notification: QuotaNotification) {
        self.delivery = delivery
        self.notification = notification
    }
}
