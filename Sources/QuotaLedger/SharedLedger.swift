public import QuotaModel

/// A ledger that several nodes share: it tells each what the others do.
public protocol SharedLedger: Ledger {
    /// Whether this node does what only one of them has to do.
    var isLeader: Bool { get }

    /// Tells what others have changed, or ask for, as long as the task is not cancelled.
    ///
    /// It begins with ``LedgerNews/directory``, for what was said before nobody heard here.
    ///
    /// - Parameter listener: hears one after the other.
    /// - Throws: `unreachable` when nothing is heard any more; call it again then.
    func hear(
        _ listener: @Sendable (LedgerNews) async -> Void
    ) async throws(LedgerError)

    /// Asks the other nodes to give back what they do not use of accounts.
    func recall(_ accounts: [AccountKey]) async throws(LedgerError)
}

/// What one node of a fleet tells the others.
public enum LedgerNews: Hashable, Sendable {
    /// Something of a tenant has changed: its form, an override, a top-up.
    case tenant(TenantID)
    /// A key has changed.
    case key(publicID: String, tenant: TenantID?)
    /// Anything may have changed, plans and meters too.
    case directory
    /// What is leased of an account and not used is wanted elsewhere.
    case recall(AccountKey)
}

extension LedgerChanges {
    /// What other nodes have to hear of it.
    package var news: [LedgerNews] {
        if !plans.isEmpty || !meters.isEmpty || !organizations.isEmpty { return [.directory] }
        let tenants = Set(tenants.keys).union(overrides.keys.map(\.tenant))
        return keys.values.map {
            .key(publicID: $0.credential.publicID, tenant: $0.key.tenant)
        } + tenants.map { .tenant($0) }
    }
}
