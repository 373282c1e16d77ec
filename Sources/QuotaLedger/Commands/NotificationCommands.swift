public import QuotaModel

/// Has notifications delivered once more.
public struct ReplayCommand: Hashable, Sendable {
    /// The most deliveries of one command.
    public static let maximum = 1_000

    /// Where to.
    public let endpoint: WebhookID
    /// Which: those that were delivered, died, or were never meant for it.
    public let numbers: [Int64]

    /// Creates a command.
    public init(endpoint: WebhookID, numbers: [Int64]) {
        self.endpoint = endpoint
        self.numbers = numbers
    }
}

/// What became of an attempt to deliver.
public struct DeliveryReport: Hashable, Sendable {
    /// The delivery as it is after the attempt.
    public let delivery: WebhookDelivery
    /// Why its endpoint gets nothing more; nil when it goes on.
    public let disabling: String?

    /// Creates a report.
    public init(delivery: WebhookDelivery, disabling: String? = nil) {
        self.delivery = delivery
        self.disabling = disabling
    }
}
