public import QuotaModel

/// How one account changed in one transaction.
///
/// Never updated, never deleted.
public struct Entry: Hashable, Sendable {
    /// The account.
    public let account: AccountID
    /// Change of C.
    public let capacity: Int64
    /// Change of A.
    public let available: Int64
    /// Change of E.
    public let escrowed: Int64
    /// Change of X.
    public let suspect: Int64
    /// Change of P.
    public let posted: Int64

    /// Creates an entry.
    public init(
        account: AccountID,
        capacity: Int64,
        available: Int64,
        escrowed: Int64,
        suspect: Int64,
        posted: Int64
    ) {
        self.account = account
        self.capacity = capacity
        self.available = available
        self.escrowed = escrowed
        self.suspect = suspect
        self.posted = posted
    }
}

/// The entries of one transaction, chained to the one before.
public struct EntryBatch: Hashable, Sendable {
    /// Counts the transactions that changed an account, from 1.
    public let number: Int64
    /// When it was committed.
    public let committedAt: Timestamp
    /// The entries, in the order in which the transaction first changed the accounts.
    public let entries: [Entry]
    /// SHA-256 over the hash of the batch before and this one's content.
    public let hash: [UInt8]

    /// Creates a batch.
    public init(number: Int64, committedAt: Timestamp, entries: [Entry], hash: [UInt8]) {
        self.number = number
        self.committedAt = committedAt
        self.entries = entries
        self.hash = hash
    }
}

/// Where the ledger's counters stand.
public struct LedgerHead: Hashable, Sendable {
    /// The revision of the last change to tenants, keys, plans or meters.
    public var revision: Int64
    /// The number of the last batch of entries.
    public var batch: Int64
    /// The hash of that batch.
    public var hash: [UInt8]
    /// The number of the last administrator's change.
    public var audit: Int64
    /// The hash of that change.
    public var auditHash: [UInt8]
    /// The number of the last notification.
    public var notifications: Int64

    /// A new ledger's head.
    public init(
        revision: Int64 = 0,
        batch: Int64 = 0,
        hash: [UInt8] = [UInt8](repeating: 0, count: 32),
        audit: Int64 = 0,
        auditHash: [UInt8] = [UInt8](repeating: 0, count: 32),
        notifications: Int64 = 0
    ) {
        self.notifications = notifications
        self.revision = revision
        self.batch = batch
        self.hash = hash
        self.audit = audit
        self.auditHash = auditHash
    }
}
