import QuotaEngine
public import QuotaLedger
public import QuotaModel

/// What is done with what exists already.
public enum ImportConflict: String, Hashable, Sendable, CaseIterable {
    /// It stays as it is.
    case skip
    /// It is replaced.
    case update
}

/// What became of an import.
public struct ImportResult: Sendable {
    /// Things that are new.
    public var created = 0
    /// Things that were replaced.
    public var updated = 0
    /// Things that stayed as they were.
    public var skipped = 0
    /// Items that could not be taken, by their place.
    public var failed: [(index: Int, detail: String)] = []
    /// What was taken and may be a mistake.
    public var warnings: [String] = []
    /// New secrets; they are kept nowhere.
    public var keys: [(id: APIKeyID, text: String)] = []

    /// Nothing yet.
    public init() {}

    /// Notes that an item could not be taken.
    public mutating func fail(_ index: Int, _ detail: String) {
        failed.append((index, detail))
    }
}

/// A key of another system, or of an export.
public struct ImportedKey: Sendable {
    /// The key.
    public let key: APIKey
    /// What verifies it; nil makes a new secret.
    public let credential: KeyCredential?

    /// Creates a key.
    public init(key: APIKey, credential: KeyCredential?) {
        self.key = key
        self.credential = credential
    }
}

extension QuotaNode {
    /// Creates tenants, or replaces them, in one transaction.
    ///
    /// `items` have their places in the caller's list.
    public func importTenants(
        _ items: [(index: Int, tenant: Tenant)],
        onConflict: ImportConflict,
        note: AuditDraft?
    ) async throws(NodeError) -> ImportResult {
        var result = ImportResult()
        var zones: Set<String> = []
        let known = items.filter { item in
            if item.tenant.billingBoundaries.isEmpty, zones.contains(item.tenant.timeZone) {
                return true
            }
            do throws(NodeError) {
                try Self.checkPeriods(
                    zone: item.tenant.timeZone, boundaries: item.tenant.billingBoundaries)
            } catch {
                let message =
                    switch error {
                    case .invalid(let field, let wrong): "\(field) \(wrong)"
                    default: "time_zone \"\(item.tenant.timeZone)\" does not exist"
                    }
                result.fail(item.index, message)
                return false
            }
            zones.insert(item.tenant.timeZone)
            return true
        }
        let commands = known.map { item in
            var tenant = item.tenant
            noteQuantities(&tenant)
            return LedgerCommand.createTenant(tenant)
        }
        let answers = try await commit(commands)
        var (made, taken): ([Tenant], [Tenant]) = ([], [])
        for (item, answer) in zip(known, answers) {
            if case .changed = answer {
                result.created += 1
                made.append(item.tenant)
            } else if onConflict == .update {
                taken.append(item.tenant)
            } else {
                result.skipped += 1
            }
        }
        let now = now
        try await openCarrying(made.map { directory.compile($0, now: now) })
        for tenant in taken {
            _ = try await updateTenant(tenant.id) { current in
                var replaced = tenant
                replaced.createdAt = current.createdAt
                replaced.revision = current.revision
                // The same plan keeps its history; another one is a change of now.
                let (plan, next) = (tenant.plan(at: now), tenant.nextPlanStep(after: now))
                replaced = replaced.continuing(current)
                replaced.setPlan(plan, since: now, now: now)
                if let next {
                    replaced.setPlan(
                        next.plan, since: next.since, now: now, reason: next.reason)
                }
                current = replaced
            }
            result.updated += 1
        }
        result.warnings = await warnings(of: made + taken)
        try await self.note(result, note)
        return result
    }

    /// Creates keys, or replaces them; those without a credential get a new secret.
    public func importKeys(
        _ items: [(index: Int, key: ImportedKey)],
        onConflict: ImportConflict,
        note: AuditDraft?
    ) async throws(NodeError) -> ImportResult {
        var result = ImportResult()
        var prepared: [PreparedKey] = []
        var tenants: Set<TenantID> = []
        for (index, imported) in items {
            do throws(NodeError) {
                prepared.append(try await prepare(imported, index: index, &tenants))
            } catch {
                guard let detail = error.importDetail else { throw error }
                result.fail(index, detail)
            }
        }
        let answers = try await commit(prepared.map { .createKey($0.record) })
        for (key, answer) in zip(prepared, answers) {
            if case .changed = answer {
                result.created += 1
                try await openCarrying(key.record.key)
                if let secret = key.secret { result.keys.append((key.record.key.id, secret)) }
                continue
            }
            do throws(NodeError) {
                try await update(key.record.key, onConflict, &result)
            } catch {
                guard let detail = error.importDetail else { throw error }
                result.fail(key.index, detail)
            }
        }
        try await self.note(result, note)
        return result
    }

    /// A key that can be created; `tenants` are those that were found to exist.
    private func prepare(
        _ imported: ImportedKey,
        index: Int,
        _ tenants: inout Set<TenantID>
    ) async throws(NodeError) -> PreparedKey {
        var key = imported.key
        try checkLimits(key.limits)
        if let tenant = key.tenant, !tenants.contains(tenant) {
            _ = try await self.tenant(tenant)
            tenants.insert(tenant)
        }
        let text = APIKeyText(
            isTest: key.isTest, isService: key.tenant == nil,
            publicID: imported.credential?.publicID, random: random)
        if key.id.text.isEmpty {
            key = key.with(
                id: APIKeyID(trusted: (key.tenant == nil ? "s_" : "k_") + text.publicID))
        }
        let given = imported.credential
        key.previousSecretExpiresAt = given?.previous?.expiresAt
        return PreparedKey(
            index: index, record: KeyRecord(key: key, credential: given ?? credential(of: text)),
            secret: given == nil ? text.text : nil)
    }

    /// What becomes of a key whose id is taken.
    private func update(
        _ key: APIKey,
        _ onConflict: ImportConflict,
        _ result: inout ImportResult
    ) async throws(NodeError) {
        let existing = try await asking { () async throws(LedgerError) in
            try await ledger.key(key.id)
        }
        guard let existing, existing.key.tenant == key.tenant else {
            throw .conflict("the id or public id of the key belongs to another one")
        }
        guard onConflict == .update else {
            result.skipped += 1
            return
        }
        let kind: KeyKind = key.tenant == nil ? .service : .tenant
        _ = try await updateKey(key.id, kind: kind) { current in
            current.name = key.name
            current.status = key.status
            current.limits = key.limits
            current.expiresAt = key.expiresAt
        }
        result.updated += 1
    }

    func commit(_ commands: [LedgerCommand]) async throws(NodeError) -> [LedgerAnswer] {
        if commands.isEmpty { return [] }
        return try await asking { () async throws(LedgerError) in
            try await ledger.commit(commands)
        }
    }

    /// Keeps that something was imported, where anything was.
    func note(_ result: ImportResult, _ note: AuditDraft?) async throws(NodeError) {
        guard let note, result.created + result.updated > 0 else { return }
        let draft = AuditDraft(
            action: note.action, reason: note.reason,
            details: "{\"created\":\(result.created),\"updated\":\(result.updated),"
                + "\"skipped\":\(result.skipped),\"failed\":\(result.failed.count)}")
        _ = try await run(.touchKeys([:]), draft.note(subject: note.action))
    }
}

/// A key that is to be created, with its secret if that is new.
private struct PreparedKey {
    let index: Int
    let record: KeyRecord
    let secret: String?
}

extension NodeError {
    /// What is wrong with one item; nil when the whole import can't go on.
    var importDetail: String? {
        switch self {
        case .ledger: nil
        case .tenantNotFound(let id): "there is no tenant \"\(id.text)\"; import tenants first"
        case .keyNotFound(let id):
            "there is no key \"\(id.text)\" of that tenant; import keys first, or name the tenant"
        case .conflict(let detail): detail
        case .unknownMeter(let meter, _): "there is no meter \"\(meter.text)\""
        case .duplicateLimit(let name, let index):
            "limits[\(index)] is \"\(name)\" a second time"
        case .invalid(let field, let detail): "\(field) \(detail)"
        default: "it can't be taken"
        }
    }
}

extension APIKey {
    /// The same key with another id.
    fileprivate func with(id: APIKeyID) -> APIKey {
        APIKey(
            id: id, tenant: tenant, name: name, status: status, isTest: isTest, limits: limits,
            createdAt: createdAt, expiresAt: expiresAt)
    }
}
