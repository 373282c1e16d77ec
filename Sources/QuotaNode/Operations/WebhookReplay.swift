public import QuotaModel

/// Which notifications are delivered to an endpoint once more.
public enum WebhookReplay: Hashable, Sendable {
    /// These, by the ids of their messages.
    case messages([String])
    /// Those whose deliveries have come so far.
    case deliveries(WebhookDelivery.State)
    /// All that the endpoint wants of what happened since, delivered before or not.
    case since(Timestamp)
}

/// What a replay did.
public struct ReplayedMessages: Hashable, Sendable {
    /// How many notifications are delivered once more.
    public let count: Int
    /// The id of the last message, where there are more; the next call goes on after it.
    public let last: String?
}
