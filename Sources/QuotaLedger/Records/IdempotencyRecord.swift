public import QuotaModel

/// Which request of which tenant an answer is kept for.
public struct IdempotencyID: Hashable, Sendable {
    /// The tenant; keys of two tenants are independent.
    public let tenant: TenantID
    /// The caller's key.
    public let key: ExactString

    /// Creates an id.
    public init(tenant: TenantID, key: ExactString) {
        self.tenant = tenant
        self.key = key
    }
}

/// An answer as it was sent.
public struct StoredAnswer: Hashable, Sendable {
    /// The status, 200 or 201.
    public let status: Int
    /// The headers that belong to the answer.
    public let headers: [String: String]
    /// The body's bytes.
    public let body: [UInt8]

    /// Creates an answer.
    public init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The answer that a repeated request gets.
public struct IdempotencyRecord: Hashable, Sendable {
    /// The request.
    public let id: IdempotencyID
    /// SHA-256 of what was asked.
    public let fingerprint: [UInt8]
    /// The answer.
    public let answer: StoredAnswer
    /// When it was given.
    public let createdAt: Timestamp

    /// Creates a record.
    public init(
        id: IdempotencyID,
        fingerprint: [UInt8],
        answer: StoredAnswer,
        createdAt: Timestamp
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.answer = answer
        self.createdAt = createdAt
    }
}
