import Crypto
import Foundation

extension WebhookSignature {
    /// How far a message's time may lie from the receiver's, in seconds; that of the libraries of
    /// Standard Webhooks.
    public static let toleranceSeconds: Int64 = 300

    /// The most signatures of one message that are looked at.
    static let maximumSignatures = 16

    /// Checks that a message comes from who knows the secret, and is not an old one sent again.
    ///
    /// The codes are compared in constant time. The id is the receiver's means to tell a repeated
    /// delivery from a new message.
    ///
    /// - Parameters:
    ///   - header: the value of `webhook-signature`.
    ///   - id: the value of `webhook-id`.
    ///   - timestamp: the value of `webhook-timestamp`.
    ///   - body: the body, byte by byte as it came.
    ///   - secrets: the secrets of which one must fit, two of them while a rotation lasts.
    ///   - now: the receiver's time, in seconds since the Unix epoch.
    ///   - tolerance: how far the message's time may lie from it, in seconds.
    /// - Throws: ``WebhookVerificationError`` when the message must not be trusted.
    public static func verify(
        header: String,
        id: String,
        timestamp: String,
        body: some Sequence<UInt8>,
        secrets: [WebhookSecret],
        now: Int64,
        tolerance: Int64 = toleranceSeconds
    ) throws(WebhookVerificationError) {
        guard let sent = Int64(timestamp), String(sent) == timestamp else { throw .timestamp }
        let (age, overflow) = now.subtractingReportingOverflow(sent)
        guard !overflow, age <= tolerance else { throw .tooOld }
        guard age >= -tolerance else { throw .tooNew }
        let content = signed(id: id, timestamp: sent, body: body)
        let codes = header.split(separator: " ").prefix(maximumSignatures)
            .filter { $0.hasPrefix(version) }
            .compactMap { Data(base64Encoded: String($0.dropFirst(version.count))) }
        let isSigned = codes.contains { code in
            secrets.contains { secret in
                HMAC<SHA256>
                    .isValidAuthenticationCode(
                        code, authenticating: content, using: secret.key)
            }
        }
        guard isSigned else { throw .signature }
    }
}

/// Why a message must not be trusted.
public enum WebhookVerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The time is not a whole number.
    case timestamp
    /// It was sent too long ago: perhaps a message that somebody has recorded.
    case tooOld
    /// It was sent in the future: one of the clocks is wrong.
    case tooNew
    /// No signature fits any of the secrets.
    case signature

    /// What is wrong.
    public var description: String {
        switch self {
        case .timestamp: "webhook-timestamp is not a whole number of seconds"
        case .tooOld: "the message was sent too long ago"
        case .tooNew: "the message was sent in the future; compare the clocks"
        case .signature: "no signature of the message fits"
        }
    }
}
