public import QuotaModel

/// What is needed to verify an API key; the secret itself is nowhere.
public struct KeyCredential: Hashable, Sendable {
    /// The part of the key that may be seen, for look-up.
    public let publicID: String
    /// HMAC-SHA-256 of the whole key.
    public let digest: [UInt8]
    /// Which pepper the digest was made with.
    public let pepperVersion: Int64

    /// Creates a credential.
    public init(publicID: String, digest: [UInt8], pepperVersion: Int64) {
        self.publicID = publicID
        self.digest = digest
        self.pepperVersion = pepperVersion
    }
}

/// An API key with what verifies it.
public struct KeyRecord: Hashable, Sendable {
    /// The key.
    public var key: APIKey
    /// What verifies it.
    public let credential: KeyCredential

    /// Creates a record.
    public init(key: APIKey, credential: KeyCredential) {
        self.key = key
        self.credential = credential
    }
}
