/// How an attempt to deliver a message ended.
///
/// Source: Standard Webhooks 1.0.0, "Delivery success and failure".
package enum DeliveryResult: Hashable, Sendable {
    /// The receiver has it: it answered with this status, 200 to 299.
    case delivered(status: Int)
    /// The receiver wants no more messages (410): the endpoint is to be disabled.
    case gone
    /// The receiver may not have it: try again by the schedule.
    case failed(DeliveryFailure)
}

/// Why an attempt failed.
package struct DeliveryFailure: Hashable, Sendable, CustomStringConvertible {
    /// The longest reason, in bytes.
    package static let maximumReasonBytes = 400

    /// The reason for people, safe to store and to show: bounded, in one line, and with nothing in
    /// it of the secret or of what the receiver answered.
    package let reason: String
    /// The status of the answer; nil where there was none.
    package let status: Int?
    /// How long the receiver asks to wait, in seconds and not below zero.
    package let retryAfterSeconds: Int64?

    /// A failure; what is unsafe in the reason is cut off or replaced by question marks.
    package init(_ reason: String, status: Int? = nil, retryAfterSeconds: Int64? = nil) {
        var text = String.UnicodeScalarView()
        var bytes = 0
        for scalar in reason.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > Self.maximumReasonBytes { break }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text.append("?")
            default: text.append(scalar)
            }
        }
        self.reason = String(text)
        self.status = status
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// The reason.
    package var description: String { reason }
}
