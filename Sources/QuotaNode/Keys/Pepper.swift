package import Crypto

/// A secret that keys are hashed with and the secrets of webhooks derived from, kept apart from the
/// ledger; the version tells old ones from new.
public struct Pepper: Sendable, CustomStringConvertible, CustomReflectable {
    /// Which pepper this is, from 1.
    public let version: Int64
    /// The random bytes.
    package let key: SymmetricKey
    /// An HMAC that has taken in the pepper, and no key yet: half of the work.
    private let prepared: HMAC<SHA256>

    /// Creates a pepper of at least 32 random bytes.
    public init(version: Int64, secret: [UInt8]) {
        self.version = version
        key = SymmetricKey(data: secret)
        prepared = HMAC<SHA256>(key: key)
    }

    /// The same for all peppers of a version.
    public var description: String { "pepper \(version)" }
    /// Without the secret.
    public var customMirror: Mirror { Mirror(self, children: ["version": version]) }

    /// What tells it from others, and nothing of it: the first half of an HMAC of a fixed text.
    package var fingerprint: String {
        HMAC<SHA256>.authenticationCode(for: Array("weir pepper".utf8), using: key)
            .prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// HMAC-SHA-256 of a key's text.
    func digest(_ key: APIKeyText) -> [UInt8] {
        var code = prepared
        code.update(data: Array(key.text.utf8))
        return Array(code.finalize())
    }

    /// Whether a digest is that of a key; takes the same time whatever the answer.
    func verifies(_ key: APIKeyText, digest: [UInt8]) -> Bool {
        var (code, text) = (prepared, key.text)
        text.withUTF8 { code.update(data: UnsafeRawBufferPointer($0)) }
        // Codes compare in constant time.
        return code.finalize() == digest
    }
}
