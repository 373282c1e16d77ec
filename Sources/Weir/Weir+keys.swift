public import QuotaModel
import QuotaNode

extension Weir {
    /// A new API key, with the text that its owner shows.
    public struct IssuedKey: Sendable {
        /// The key, whose id is kept with the use.
        public let key: APIKey
        /// `wk_live_…`: shown once, and kept nowhere.
        public let text: String
    }

    /// Creates an API key.
    ///
    /// - Parameters:
    ///   - tenant: whose key it is.
    ///   - name: a name for people.
    ///   - limits: limits of this key alone, besides those of its tenant.
    ///   - expiresAt: when it stops being accepted; nil for never.
    ///   - isTest: whether it is for trying out (`wk_test_…`).
    ///   - reason: why; kept in the audit log.
    /// - Returns: the key with its text.
    /// - Throws: ``WeirError``: `not_found` for a tenant that does not exist.
    public func createKey(
        tenant: TenantID,
        name: String,
        limits: [Limit] = [],
        expiresAt: Timestamp? = nil,
        isTest: Bool = false,
        reason: String? = nil
    ) async throws(WeirError) -> IssuedKey {
        try RequestCheck.name(name)
        try RequestCheck.future(expiresAt, now: try openNode().now)
        let new = NewKey(
            tenant: tenant, name: name, limits: try ofKeys(limits), expiresAt: expiresAt,
            isTest: isTest)
        let issued = try await asking { (node) async throws(NodeError) in
            try await node.create(new, note: AuditDraft(action: "key.create", reason: reason))
        }
        return IssuedKey(key: issued.key, text: issued.text)
    }

    /// The key that a caller showed.
    ///
    /// - Parameter text: what the caller showed, whatever it is.
    /// - Returns: the key, be it suspended; nil for a text that is not a key of ours, was revoked
    ///   or has expired, without a difference between them.
    /// - Throws: ``WeirError`` where the ledger has to be asked and can't be.
    public func verifyKey(_ text: String) async throws(WeirError) -> APIKey? {
        let node = try openNode()
        if let known = node.verifiedKey(text) { return known }
        return try await asking { (node) async throws(NodeError) in try await node.verify(text) }
    }

    /// Changes a key: suspends or revokes it, or gives it other limits; it holds at once.
    ///
    /// - Parameters:
    ///   - id: the key.
    ///   - reason: why; kept in the audit log.
    ///   - change: what is changed; may be called again when somebody else changes it meanwhile.
    /// - Returns: the key.
    /// - Throws: ``WeirError``: `not_found`, `conflict` for a key that was revoked.
    @discardableResult
    public func updateKey(
        _ id: APIKeyID,
        reason: String? = nil,
        _ change: (inout APIKey) -> Void
    ) async throws(WeirError) -> APIKey {
        var changed = try await asking { (node) async throws(NodeError) in try await node.key(id) }
        change(&changed)
        try RequestCheck.name(changed.name)
        _ = try ofKeys(changed.limits)
        return try await asking { (node) async throws(NodeError) in
            try await node.updateKey(
                id, note: AuditDraft(action: "key.update", reason: reason)
            ) { key in
                change(&key)
                for index in key.limits.indices { key.limits[index].scope = .key(nil) }
            }
        }
    }

    /// Limits as keys have them: of the key itself.
    private func ofKeys(_ limits: [Limit]) throws(WeirError) -> [Limit] {
        var limits = limits
        for index in limits.indices { limits[index].scope = .key(nil) }
        try RequestCheck.limits(limits, meters: try openNode().meters)
        return limits
    }
}
