import Crypto

/// A secret that keys are hashed with, kept apart from the ledger; the version tells old ones from
/// new.
public struct Pepper: Sendable {
    /// Which pepper this is, from 1.
    public let version: Int64
    private let key: SymmetricKey

    /// Creates a pepper of at least 32 random bytes.
    public init(version: Int64, secret: [UInt8]) {
        self.version = version
        key = SymmetricKey(data: secret)
    }

    /// HMAC-SHA-256 of a key's text.
    func digest(_ key: APIKeyText) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(key.text.utf8), using: self.key))
    }

    /// Whether a digest is that of a key; takes the same time whatever the answer.
    func verifies(_ key: APIKeyText, digest: [UInt8]) -> Bool {
        var text = key.text
        return text.withUTF8 { bytes in
            HMAC<SHA256>
                .isValidAuthenticationCode(
                    digest, authenticating: UnsafeRawBufferPointer(bytes), using: self.key)
        }
    }
}
