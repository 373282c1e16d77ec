import QuotaCalendar
import QuotaEngine
import QuotaLedger
import QuotaModel

/// Whom a decision is about.
struct Subject: Sendable {
    let entry: TenantEntry
    /// The key that asked; nil when use is not bound to a key.
    let keyID: APIKeyID?
    /// What the caller should know about the tenant.
    let warnings: [String]
    let now: Timestamp
    /// Whether the store had to be asked.
    let madeStoreCall: Bool

    /// Whether tenant or key are refused as such.
    var isSuspended: Bool {
        entry.tenant.status != .active || (entry.key.map { $0.status(at: now) != .active } ?? false)
    }
}

extension QuotaNode {
    /// Finds the tenant and key of a request.
    ///
    /// A tenant that does not exist is created (`creates` is true), missing (false), or only
    /// imagined (nil).
    func subject(
        of request: DecisionRequest,
        creates: Bool?
    ) async throws(NodeError) -> Subject {
        let now = clock()
        let id = TenantEntry.ID(tenant: request.tenant, key: request.key)
        let cached = directory.cached(id, now: now)
        var entry = cached
        if entry == nil {
            entry = try await asking { () async throws(LedgerError) in
                try await directory.entry(id, now: now)
            }
        }
        var warnings: [String] = []
        if let known = entry {
            let named = known.tenant.plan(at: now)
            if let plan = request.plan, plan.canonical != named.canonical {
                warnings.append(
                    "the tenant exists on plan \"\(named.text)\"; \"plan\" was ignored")
            }
        } else {
            if let key = request.key { throw .keyNotFound(key) }
            let tenant = Tenant(
                id: request.tenant, plan: request.plan ?? .fallback, createdAt: now)
            switch creates {
            case false?:
                throw .tenantNotFound(request.tenant)
            case true?:
                entry = try await asking { () async throws(LedgerError) in
                    // Another request may create it first; then that one's form holds.
                    try await ledger.change(.createTenant(tenant))
                    let created = try await directory.entry(id, now: now)
                    if let created, created.carries {
                        _ = try await ledger.commit([created.refresh])
                    }
                    return created
                }
            case nil:
                entry = directory.compile(tenant, now: now)
            }
        }
        guard let entry else { throw .tenantNotFound(request.tenant) }
        if let key = request.key, entry.key == nil { throw .keyNotFound(key) }
        return Subject(
            entry: entry, keyID: request.key, warnings: warnings, now: now,
            madeStoreCall: cached == nil)
    }

    /// The refusal of a suspended or closed tenant or key.
    func suspended(_ subject: Subject) -> DecisionOutcome {
        let what = subject.entry.tenant.status != .active ? "tenant" : "key"
        let refusal = Refusal(
            limitID: nil, requested: 0, available: 0, retryAfterNanoseconds: nil,
            reason: .suspended, upgrade: nil)
        let decision = Decision(
            isAllowed: false,
            isEnforced: settings.isEnforced,
            id: identity.decisionID(at: subject.now),
            tenant: subject.entry.tenant.id,
            key: subject.keyID,
            plan: subject.entry.entitlements.plan,
            asOf: subject.now,
            limits: [],
            deniedBy: refusal,
            warnings: ["the \(what) is not active"])
        return DecisionOutcome(decision: decision, reservation: nil)
    }
}
