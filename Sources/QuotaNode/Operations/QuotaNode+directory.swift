import QuotaCalendar
import QuotaEngine
import QuotaLedger
public import QuotaModel

/// What a new API key is made of.
public struct NewKey: Sendable {
    /// Whose key it is.
    public let tenant: TenantID
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
        tenant: TenantID,
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

extension QuotaNode {
    // MARK: Tenants

    /// Creates a tenant.
    ///
    /// - Returns: the tenant with its revision.
    public func create(_ tenant: Tenant) async throws(NodeError) -> Tenant {
        guard (try? ZoneRules(tenant.timeZone)) != nil else {
            throw .unknownTimeZone(tenant.timeZone)
        }
        let revision = try await asking { () async throws(LedgerError) in
            try await ledger.change(.createTenant(tenant))
        }
        guard let revision else { throw .alreadyExists("tenant \"\(tenant.id.text)\"") }
        var created = tenant
        created.revision = revision
        return created
    }

    /// A tenant.
    public func tenant(_ id: TenantID) async throws(NodeError) -> Tenant {
        let tenant = try await asking { () async throws(LedgerError) in
            try await ledger.tenant(id)
        }
        guard let tenant else { throw .tenantNotFound(id) }
        return tenant
    }

    /// Tenants in the order of their ids, after `id`.
    public func tenants(after id: TenantID?, limit: Int) async throws(NodeError) -> [Tenant] {
        try await asking { () async throws(LedgerError) in
            try await ledger.tenants(after: id, limit: limit)
        }
    }

    // MARK: Keys

    /// Creates an API key.
    ///
    /// - Returns: the key and its text, which is kept nowhere.
    public func create(_ new: NewKey) async throws(NodeError) -> (key: APIKey, text: String) {
        try checkLimits(new.limits)
        _ = try await tenant(new.tenant)
        let text = APIKeyText(isTest: new.isTest, random: random)
        var key = APIKey(
            id: APIKeyID(trusted: "k_" + text.publicID), tenant: new.tenant, name: new.name,
            isTest: new.isTest, limits: new.limits, createdAt: now, expiresAt: new.expiresAt)
        let credential = KeyCredential(
            publicID: text.publicID, digest: peppers[0].digest(text),
            pepperVersion: peppers[0].version)
        let record = KeyRecord(key: key, credential: credential)
        let revision = try await asking { () async throws(LedgerError) in
            try await ledger.change(.createKey(record))
        }
        guard let revision else { throw .alreadyExists("key \"\(key.id.text)\"") }
        key.revision = revision
        return (key, text.text)
    }

    /// A key.
    public func key(_ id: APIKeyID) async throws(NodeError) -> APIKey {
        let record = try await asking { () async throws(LedgerError) in try await ledger.key(id) }
        guard let record else { throw .keyNotFound(id) }
        return record.key
    }

    /// Keys in the order of their ids, after `id`; of one tenant, or of all.
    public func keys(
        of tenant: TenantID?,
        after id: APIKeyID?,
        limit: Int
    ) async throws(NodeError) -> [APIKey] {
        try await asking { () async throws(LedgerError) in
            try await ledger.keys(of: tenant, after: id, limit: limit).map(\.key)
        }
    }

    /// The key that a caller showed; nil for anything that is not a key of ours in force or
    /// suspended.
    ///
    /// The answer does not tell a malformed key from an unknown, revoked or expired one.
    public func authenticate(_ text: String) async throws(NodeError) -> APIKey? {
        guard let shown = APIKeyText(text) else { return nil }
        let found = try await asking { () async throws(LedgerError) in
            try await directory.key(publicID: shown.publicID)
        }
        guard let record = found, record.key.isTest == shown.isTest,
            let pepper = peppers.first(where: {
                $0.version == record.credential.pepperVersion
            }),
            pepper.verifies(shown, digest: record.credential.digest)
        else { return nil }
        switch record.key.status(at: now) {
        case .active, .suspended: return record.key
        case .revoked, .expired: return nil
        }
    }

    // MARK: Plans

    /// All plans, the smallest first.
    public var plans: [Plan] { directory.plans }

    /// A plan, also by its alias.
    public func plan(_ id: PlanID) -> Plan? { directory.plan(id) }

    /// All meters by id.
    public var meters: [MeterID: Meter] { directory.meters }

    /// Creates or replaces a plan; it holds at once.
    ///
    /// - Returns: whether it is new.
    public func put(_ plan: Plan) async throws(NodeError) -> (plan: Plan, isNew: Bool) {
        try checkLimits(plan.limits)
        let isNew = directory.plan(plan.id) == nil
        return try await asking { () async throws(LedgerError) in
            var stored = plan
            stored.revision = try await ledger.change(.putPlan(plan)) ?? 0
            try await directory.reloadPlansAndMeters()
            try await refreshTenants(on: plan.id)
            return (stored, isNew)
        }
    }

    /// Brings the open accounts of a plan's tenants to its quantities, a few hundred at a time.
    private func refreshTenants(on plan: PlanID) async throws(LedgerError) {
        let pageSize = 500
        var last: TenantID?
        while true {
            let page = try await ledger.tenants(after: last, limit: pageSize)
            let commands = page.compactMap { tenant -> LedgerCommand? in
                let entry = directory.compile(tenant, key: nil, now: now)
                guard entry.entitlements.plan == plan else { return nil }
                let demands = entry.entitlements.limits.map { Demand(limit: $0, amount: 0) }
                return .refresh(
                    ViewCommand(tenant: tenant.id, demands: demands, calendar: entry.calendar))
            }
            if !commands.isEmpty { _ = try await ledger.commit(commands) }
            guard page.count == pageSize else { return }
            last = page.last?.id
        }
    }

    private func checkLimits(_ limits: [Limit]) throws(NodeError) {
        var names: Set<ExactString> = []
        for (index, limit) in limits.enumerated() {
            guard directory.meter(limit.meter) != nil else {
                throw .unknownMeter(limit.meter, chargeIndex: index)
            }
            guard names.insert(ExactString(limit.name)).inserted else {
                throw .duplicateLimit(limit.name, index: index)
            }
        }
    }
}
