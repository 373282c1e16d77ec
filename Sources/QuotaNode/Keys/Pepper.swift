import Crypto

/// A secret that keys are hashed with, kept apart from the ledger; the version tells old ones from
/// new.
public struct Pepper: Sendable {
    /// Which pepper this is, from 1.
    public let version: Int64
    /// An HMAC that has taken in the pepper, and no key yet: half of the work.
    private let prepared: HMAC<SHA256>

    /// Creates a pepper of at least 32 random bytes.
    public init(version: Int64, secret: [UInt8]) {
        self.version = version
        prepared = HMAC<SHA256>(key: SymmetricKey(data: secret))
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
