import Crypto
import Foundation

/// The signature of a message, as Standard Webhooks puts it into `webhook-signature`.
///
/// Source: Standard Webhooks 1.0.0, "Signature scheme": HMAC-SHA-256 of the id, the time of the
/// attempt and the body, with full stops between them. An id may therefore hold no full stop.
public enum WebhookSignature {
    /// The field that names the message; the same at every attempt.
    public static let idField = "webhook-id"
    /// The field with the time of the attempt.
    public static let timestampField = "webhook-timestamp"
    /// The field with the signatures.
    public static let signatureField = "webhook-signature"

    /// What a signature with a shared secret begins with.
    static let version = "v1,"

    /// The value of `webhook-signature`: one signature per secret, separated by blanks.
    ///
    /// - Parameters:
    ///   - id: the message's id.
    ///   - timestamp: the time of the attempt, in whole seconds since the Unix epoch.
    ///   - body: the body, byte by byte as it is sent.
    ///   - secrets: the endpoint's secrets, two of them while a rotation lasts.
    /// - Returns: the value, empty where there is no secret.
    public static func header(
        id: String, timestamp: Int64, body: some Sequence<UInt8>, secrets: [WebhookSecret]
    ) -> String {
        let content = signed(id: id, timestamp: timestamp, body: body)
        return
            secrets.map { secret in
                let code = HMAC<SHA256>.authenticationCode(for: content, using: secret.key)
                return version + Data(code).base64EncodedString()
            }
            .joined(separator: " ")
    }

    static func signed(id: String, timestamp: Int64, body: some Sequence<UInt8>) -> Data {
        var content = Data("\(id).\(timestamp).".utf8)
        content.append(contentsOf: body)
        return content
    }
}
