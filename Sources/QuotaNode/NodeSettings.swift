/// What an operator sets of a node.
public struct NodeSettings: Sendable {
    /// The node's name; it is part of the ids of its grants and reservations.
    public var name: String
    /// How long a tenant's compiled limits are used before they are read again, in nanoseconds.
    public var cacheTTLNanoseconds: Int64
    /// The most tenants (with or without a key) whose compiled limits are kept.
    public var cacheSize: Int
    /// Whether limits refuse; otherwise everything is allowed and recorded.
    public var isEnforced: Bool
    /// Whether a tenant first seen in a decision is created.
    public var createsTenants: Bool
    /// How long the answer to a request with an idempotency key is kept, in nanoseconds.
    public var idempotencyWindowNanoseconds: Int64
    /// The most such answers that are kept.
    public var maximumAnswers: Int
    /// For how many days closed periods are kept in full; later their sums are.
    public var archiveDays: Int

    /// The defaults.
    public init() {
        name = "node"
        cacheTTLNanoseconds = 60 * 1_000_000_000
        cacheSize = 10_000
        isEnforced = true
        createsTenants = true
        idempotencyWindowNanoseconds = 24 * 3600 * 1_000_000_000
        maximumAnswers = 1_000_000
        archiveDays = 90
    }
}
