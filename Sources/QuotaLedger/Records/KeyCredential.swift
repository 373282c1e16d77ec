public import QuotaModel

/// What is needed to verify an API key; the secret itself is nowhere.
public struct KeyCredential: Hashable, Sendable {
    /// The part of the key that may be seen, for look-up.
    public let publicID: String
    /// HMAC-SHA-256 of the whole key.
    public let digest: [UInt8]
    /// Which pepper the digest was made with.
    public let pepperVersion: Int64
    /// The secret before the last rotation, which is accepted for a while too.
    public let previous: Previous?

    /// A secret that was replaced.
    public struct Previous: Hashable, Sendable {
        /// HMAC-SHA-256 of the whole key as it was.
        public let digest: [UInt8]
        /// Which pepper the digest was made with.
        public let pepperVersion: Int64
        /// Until when it is accepted.
        public let expiresAt: Timestamp

        /// Creates a replaced secret.
        public init(digest: [UInt8], pepperVersion: Int64, expiresAt: Timestamp) {
            self.digest = digest
            self.pepperVersion = pepperVersion
            self.expiresAt = expiresAt
        }
    }

    /// Creates a credential.
    public init(
        publicID: String,
        digest: [UInt8],
        pepperVersion: Int64,
        previous: Previous? = nil
    ) {
        self.publicID = publicID
        self.digest = digest
        self.pepperVersion = pepperVersion
        self.previous = previous
    }
}

/// An API key with what verifies it.
public struct KeyRecord: Hashable, Sendable {
    /// The key.
    public var key: APIKey
    /// What verifies it.
    public var credential: KeyCredential

    /// Creates a record.
    public init(key: APIKey, credential: KeyCredential) {
        self.key = key
        self.credential = credential
    }
}
