import Crypto
public import Foundation

/// The secret that an endpoint's messages are signed with, in the form of Standard Webhooks.
///
/// Source: Standard Webhooks 1.0.0, "Signature scheme": `whsec_` and the base64 of 24 to 64 bytes.
/// No description, log line or dump shows it; ``text`` does, for the one time its owner sees it.
public struct WebhookSecret: Sendable, CustomStringConvertible, CustomReflectable {
    /// What the text of every secret begins with.
    public static let prefix = "whsec_"

    /// How many bytes a secret may have.
    public static let allowedBytes = 24...64

    let key: SymmetricKey

    /// Derives the secret of an endpoint, which therefore need not be stored.
    ///
    /// It is HMAC-SHA-256 of the text `webhook-secret`, the endpoint's id and the version in
    /// decimal digits, with a zero byte between each two, keyed by the pepper.
    ///
    /// - Parameters:
    ///   - pepper: at least 32 random bytes that are kept apart from the ledger.
    ///   - endpoint: the endpoint's id.
    ///   - version: which secret of this endpoint it is; a rotation raises it.
    public init(derivedFrom pepper: some ContiguousBytes, endpoint: String, version: Int64) {
        var code = HMAC<SHA256>(key: SymmetricKey(data: pepper))
        code.update(data: Data("webhook-secret\0\(endpoint)\0\(version)".utf8))
        key = SymmetricKey(data: code.finalize())
    }

    /// Reads the text of a secret.
    ///
    /// - Parameter text: `whsec_` and base64 with its padding.
    /// - Throws: ``WebhookSecretError`` for anything else, without the text.
    public init(_ text: String) throws(WebhookSecretError) {
        guard text.hasPrefix(Self.prefix) else { throw .noPrefix }
        guard let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) else {
            throw .notBase64
        }
        guard Self.allowedBytes.contains(bytes.count) else { throw .length }
        key = SymmetricKey(data: bytes)
    }

    /// The secret in the clear: `whsec_` and base64.
    public var text: String {
        Self.prefix + key.withUnsafeBytes { Data($0) }.base64EncodedString()
    }

    /// The same for all secrets.
    public var description: String { "(hidden)" }
    /// Without the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A text that is no secret of a webhook; it does not repeat the text.
public enum WebhookSecretError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It does not begin with `whsec_`.
    case noPrefix
    /// What follows is not base64.
    case notBase64
    /// It is too short or too long.
    case length

    /// What it must be.
    public var description: String {
        switch self {
        case .noPrefix: "must begin with \(WebhookSecret.prefix)"
        case .notBase64: "must be base64, with its padding, after \(WebhookSecret.prefix)"
        case .length:
            """
            must be the base64 of \(WebhookSecret.allowedBytes.lowerBound) to \
            \(WebhookSecret.allowedBytes.upperBound) bytes
            """
        }
    }
}
