/// A credential of a tenant, or of the product itself (a service key), without its secret.
public struct APIKey: Hashable, Sendable {
    /// Whether a key is accepted.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// Accepted.
        case active
        /// Refused with 403 until it is active again.
        case suspended
        /// Never accepted again.
        case revoked
        /// Past its end.
        case expired
    }

    /// The stable id; usage is booked under it.
    public let id: APIKeyID
    /// Whose key it is; nil for a service key, which decides for any tenant.
    public let tenant: TenantID?
    /// The name for people; two keys may share one.
    public var name: String
    /// Whether it is accepted.
    public var status: Status
    /// Whether it is for trying out (`wk_test_…`).
    public let isTest: Bool
    /// Limits of this key alone, besides those of its tenant.
    public var limits: [Limit]
    /// When it was created.
    public let createdAt: Timestamp
    /// When it stops being accepted.
    public var expiresAt: Timestamp?
    /// When it was last shown to a server, to the minute or better; nil for never.
    public var lastUsedAt: Timestamp?
    /// Until when the secret before the last rotation is accepted too; nil when there is none.
    public var previousSecretExpiresAt: Timestamp?
    /// The ledger's revision at which this form was written.
    public var revision: Int64

    /// Creates a key's record.
    public init(
        id: APIKeyID,
        tenant: TenantID?,
        name: String,
        status: Status = .active,
        isTest: Bool = false,
        limits: [Limit] = [],
        createdAt: Timestamp,
        expiresAt: Timestamp? = nil,
        lastUsedAt: Timestamp? = nil,
        previousSecretExpiresAt: Timestamp? = nil,
        revision: Int64 = 0
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.status = status
        self.isTest = isTest
        self.limits = limits
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.previousSecretExpiresAt = previousSecretExpiresAt
        self.revision = revision
    }

    /// The status at an instant: an active key past its end is expired.
    public func status(at now: Timestamp) -> Status {
        if status == .active, let expiresAt, expiresAt <= now { return .expired }
        return status
    }
}
