public import QuotaLedger
public import QuotaModel

/// What a new API key is made of.
public struct NewKey: Sendable {
    /// Whose key it is; nil for a service key.
    public let tenant: TenantID?
    /// The name for people.
    public let name: String
    /// Limits of this key alone.
    public let limits: [Limit]
    /// When it stops being accepted.
    public let expiresAt: Timestamp?
    /// Whether it is for trying out.
    public let isTest: Bool

    /// Describes a key.
    public init(
        tenant: TenantID?,
        name: String,
        limits: [Limit] = [],
        expiresAt: Timestamp? = nil,
        isTest: Bool = false
    ) {
        self.tenant = tenant
        self.name = name
        self.limits = limits
        self.expiresAt = expiresAt
        self.isTest = isTest
    }
}

/// A key with its text, which is kept nowhere.
public struct IssuedKey: Sendable {
    /// The key.
    public let key: APIKey
    /// What its owner shows.
    public let text: String
}

/// A key with what verifies it.
public struct CredentialedKey: Sendable {
    /// The key.
    public let key: APIKey
    /// What verifies it.
    public let credential: KeyCredential
}

/// Which keys an operation is about.
public enum KeyKind: Hashable, Sendable {
    /// Keys of tenants.
    case tenant
    /// Keys of the product.
    case service
}

extension QuotaNode {
    /// Creates an API key or service key.
    public func create(
        _ new: NewKey,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> IssuedKey {
        try checkLimits(new.limits)
        if let tenant = new.tenant { _ = try await self.tenant(tenant) }
        let text = APIKeyText(
            isTest: new.isTest, isService: new.tenant == nil, random: random)
        let prefix = new.tenant == nil ? "s_" : "k_"
        var key = APIKey(
            id: APIKeyID(trusted: prefix + text.publicID), tenant: new.tenant, name: new.name,
            isTest: new.isTest, limits: new.limits, createdAt: now, expiresAt: new.expiresAt)
        let record = KeyRecord(key: key, credential: credential(of: text))
        let answer = try await run(
            .createKey(record), note?.note(subject: key.id.text, tenant: key.tenant))
        guard case .changed(let revision) = answer else {
            throw .alreadyExists("key \"\(key.id.text)\"")
        }
        key.revision = revision
        try await openCarrying(key)
        return IssuedKey(key: key, text: text.text)
    }

    func credential(
        of text: APIKeyText,
        previous: KeyCredential.Previous? = nil
    ) -> KeyCredential {
        KeyCredential(
            publicID: text.publicID, digest: peppers[0].digest(text),
            pepperVersion: peppers[0].version, previous: previous)
    }

    /// A key, with its last use.
    public func key(
        _ id: APIKeyID,
        kind: KeyKind = .tenant
    ) async throws(NodeError) -> APIKey {
        shown(try await record(id, kind).key)
    }

    private func record(_ id: APIKeyID, _ kind: KeyKind) async throws(NodeError) -> KeyRecord {
        let record = try await asking { () async throws(LedgerError) in try await ledger.key(id) }
        guard let record, (record.key.tenant == nil) == (kind == .service) else {
            throw .keyNotFound(id)
        }
        return record
    }

    /// A key with the use that the ledger has not been told.
    private func shown(_ key: APIKey) -> APIKey {
        var key = key
        if let use = verifiedKeys.lastUse(of: key.id) {
            key.lastUsedAt = max(key.lastUsedAt ?? .distantPast, use)
        }
        if let end = key.previousSecretExpiresAt, end <= now { key.previousSecretExpiresAt = nil }
        return key
    }

    /// Keys in the order of their ids, after `id`; of one tenant, of all, or the service keys.
    public func keys(
        of tenant: TenantID?,
        kind: KeyKind = .tenant,
        after id: APIKeyID?,
        limit: Int
    ) async throws(NodeError) -> [CredentialedKey] {
        let owner: KeyOwner =
            kind == .service ? .service : tenant.map { .tenant($0) } ?? .tenants
        let records = try await asking { () async throws(LedgerError) in
            try await ledger.keys(of: owner, after: id, limit: limit)
        }
        return records.map { record in
            CredentialedKey(key: shown(record.key), credential: record.credential)
        }
    }

    /// Changes a key; it holds at once.
    ///
    /// - Throws: `conflict` when the key was revoked and would be anything else.
    public func updateKey(
        _ id: APIKeyID,
        kind: KeyKind = .tenant,
        note: AuditDraft? = nil,
        _ change: (inout APIKey) -> Void
    ) async throws(NodeError) -> APIKey {
        while true {
            var record = try await record(id, kind)
            let before = record.key
            change(&record.key)
            try checkLimits(record.key.limits)
            try await openCarrying(before)
            if before.status == .revoked, record.key.status != .revoked {
                throw .conflict("the key was revoked, which is final; create a new one")
            }
            guard let key = try await store(record, note) else { continue }
            try await openCarrying(key)
            return shown(key)
        }
    }

    /// Opens the accounts of what carries over of a key.
    func openCarrying(_ key: APIKey) async throws(NodeError) {
        guard let tenant = key.tenant else { return }
        let entry = try await asking { () async throws(LedgerError) in
            try await directory.entry(TenantEntry.ID(tenant: tenant, key: key.id), now: now)
        }
        try await openCarrying([entry].compactMap(\.self))
    }

    /// Gives a key a new secret; the old one is accepted for a while longer.
    public func rotate(
        _ id: APIKeyID,
        kind: KeyKind = .tenant,
        overlapSeconds: Int64,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> IssuedKey {
        while true {
            var record = try await record(id, kind)
            if record.key.status(at: now) == .revoked {
                throw .conflict("the key was revoked, which is final; create a new one")
            }
            let text = APIKeyText(
                isTest: record.key.isTest, isService: kind == .service,
                publicID: record.credential.publicID, random: random)
            var previous: KeyCredential.Previous?
            if overlapSeconds > 0 {
                previous = KeyCredential.Previous(
                    digest: record.credential.digest,
                    pepperVersion: record.credential.pepperVersion,
                    expiresAt: now.adding(nanoseconds: overlapSeconds * 1_000_000_000))
            }
            record.credential = credential(of: text, previous: previous)
            record.key.previousSecretExpiresAt = previous?.expiresAt
            if let key = try await store(record, note) {
                return IssuedKey(key: shown(key), text: text.text)
            }
        }
    }

    /// Writes a key and forgets what was known of it; nil when it was changed meanwhile.
    private func store(
        _ record: KeyRecord,
        _ note: AuditDraft?
    ) async throws(NodeError) -> APIKey? {
        let key = record.key
        let answer = try await run(
            .updateKey(record), note?.note(subject: key.id.text, tenant: key.tenant))
        verifiedKeys.forget(publicID: record.credential.publicID)
        if let tenant = key.tenant { directory.forget(tenant) }
        switch answer {
        case .changed(let revision):
            var key = key
            key.revision = revision
            return key
        case .stale: return nil
        default: throw .keyNotFound(key.id)
        }
    }

    /// The key that a caller showed; nil for anything that is not a key of ours in force or
    /// suspended.
    ///
    /// The answer does not tell a malformed key from an unknown, revoked or expired one.
    public func authenticate(_ text: String) async throws(NodeError) -> APIKey? {
        if let known = verifiedKey(text) { return known }
        return try await verify(text)
    }

    /// Like ``authenticate(_:)``, for a text that was not verified a short while ago.
    public func verify(_ text: String) async throws(NodeError) -> APIKey? {
        let now = now
        guard let shown = APIKeyText(text) else { return nil }
        let generation = verifiedKeys.generation
        let found = try await asking { () async throws(LedgerError) in
            try await ledger.key(publicID: shown.publicID)
        }
        guard let record = found, record.key.isTest == shown.isTest,
            (record.key.tenant == nil) == shown.isService
        else { return nil }
        let expiresAt: Timestamp?
        if verifies(shown, record.credential.digest, record.credential.pepperVersion) {
            expiresAt = nil
        } else if let previous = record.credential.previous, now < previous.expiresAt,
            verifies(shown, previous.digest, previous.pepperVersion)
        {
            expiresAt = previous.expiresAt
        } else {
            return nil
        }
        guard record.key.isAccepted(at: now) else { return nil }
        verifiedKeys.keep(
            shown, record.key, expiresAt: expiresAt, generation: generation, now: now)
        return record.key
    }

    /// The key that a caller showed, where it was verified not long ago: then nothing is awaited.
    public func verifiedKey(_ text: String) -> APIKey? {
        verifiedKeys.key(text, now: now)
    }

    private func verifies(_ text: APIKeyText, _ digest: [UInt8], _ version: Int64) -> Bool {
        guard let pepper = peppers.first(where: { $0.version == version }) else { return false }
        return pepper.verifies(text, digest: digest)
    }

    /// Tells the ledger when keys were used.
    func noteKeyUses() async throws(NodeError) {
        let uses = verifiedKeys.takeUses()
        if uses.isEmpty { return }
        _ = try await run(.touchKeys(uses), nil)
    }
}

extension APIKey {
    /// Whether it is in force or suspended, and neither revoked nor expired.
    func isAccepted(at now: Timestamp) -> Bool {
        switch status(at: now) {
        case .active, .suspended: true
        case .revoked, .expired: false
        }
    }
}
