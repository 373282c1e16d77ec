public import QuotaModel

/// What is noted of an administrator's change.
public struct AuditNote: Hashable, Sendable {
    /// Who made it.
    public let actor: String
    /// What was done: `override.put`.
    public let action: String
    /// To what: the id of a tenant, key, plan, grant.
    public let subject: String
    /// Whose that is; nil where it belongs to no tenant.
    public internal(set) var tenant: TenantID?
    /// Why, in the administrator's words.
    public let reason: String?
    /// What it was changed to, a JSON object.
    public let details: String?

    /// Creates a note.
    public init(
        actor: String = "admin",
        action: String,
        subject: String,
        tenant: TenantID? = nil,
        reason: String? = nil,
        details: String? = nil
    ) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.tenant = tenant
        self.reason = reason
        self.details = details
    }
}

/// An administrator's change as the ledger keeps it; never updated, never deleted.
public struct AuditEntry: Hashable, Sendable {
    /// Counts the changes, from 1.
    public let number: Int64
    /// When it was made.
    public let at: Timestamp
    /// What was done, and why.
    public let note: AuditNote

    /// Creates an entry.
    public init(number: Int64, at: Timestamp, note: AuditNote) {
        self.number = number
        self.at = at
        self.note = note
    }
}

/// Which changes are asked for; nil matches all.
public struct AuditFilter: Hashable, Sendable {
    /// Those of this tenant.
    public var tenant: TenantID?
    /// Those of this kind.
    public var action: String?
    /// Those of this thing.
    public var subject: String?

    /// Creates a filter.
    public init(tenant: TenantID? = nil, action: String? = nil, subject: String? = nil) {
        self.tenant = tenant
        self.action = action
        self.subject = subject
    }
}
