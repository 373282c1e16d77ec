import QuotaLedger
import QuotaModel
import QuotaNode
import StrictJSON

/// The bodies that create and change webhook endpoints, and replay deliveries.
enum WebhookBody {
    /// Which events an endpoint wants; nil where it is not said, or null.
    static func kinds(
        _ body: inout BodyReader
    ) throws(Problem) -> Set<QuotaNotification.Kind>? {
        guard let values = try body.array("events") else { return nil }
        guard !values.isEmpty else {
            throw body.invalid("events", "must name an event, or be null for all that is told of")
        }
        var kinds: Set<QuotaNotification.Kind> = []
        for (index, value) in values.enumerated() {
            let kind = value.stringValue.flatMap { QuotaNotification.Kind(rawValue: $0) }
            guard let kind else {
                let names = QuotaNotification.Kind.allCases.map { "\"\($0.rawValue)\"" }
                    .joined(separator: ", ")
                throw body.invalid("events", element: index, "must be one of \(names)")
            }
            kinds.insert(kind)
        }
        return kinds
    }

    /// What is delivered once more: exactly one of `deliveries`, `state` and `since`.
    static func replay(_ body: inout BodyReader) throws(Problem) -> WebhookReplay {
        let messages = try messages(&body)
        let state = try body.choice("state", WebhookDelivery.State.self)
        let since = try body.timestamp("since")
        switch (messages, state, since) {
        case (let messages?, nil, nil): return .messages(messages)
        case (nil, let state?, nil): return .deliveries(state)
        case (nil, nil, let since?): return .since(since)
        default:
            throw .invalid(
                "give one of \"deliveries\", \"state\" and \"since\"", at: body.pointer)
        }
    }

    private static func messages(_ body: inout BodyReader) throws(Problem) -> [String]? {
        guard let values = try body.array("deliveries") else { return nil }
        guard (1...ReplayCommand.maximum).contains(values.count) else {
            throw body.invalid(
                "deliveries", "must have 1 to \(ReplayCommand.maximum) ids of messages")
        }
        var messages: [String] = []
        for (index, value) in values.enumerated() {
            guard let id = value.stringValue else {
                throw body.invalid(
                    "deliveries", element: index, "must be the id of a message, msg_…")
            }
            messages.append(id)
        }
        return messages
    }
}
