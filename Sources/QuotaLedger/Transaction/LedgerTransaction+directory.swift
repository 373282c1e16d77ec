import QuotaModel

extension LedgerTransaction {
    mutating func create(_ tenant: Tenant) throws(LedgerError) -> LedgerAnswer {
        if changes.tenants[tenant.id] != nil { return .alreadyExists }
        if try reader.tenant(tenant.id) != nil { return .alreadyExists }
        remindOfTrial(tenant)
        var tenant = tenant
        tenant.revision = nextRevision()
        changes.tenants[tenant.id] = tenant
        return .changed(revision: tenant.revision)
    }

    private mutating func remindOfTrial(_ tenant: Tenant) {
        guard let end = tenant.trialEnd(at: now) else { return }
        remind(of: .trial(tenant.id), endingAt: end, lead: Reminder.trialLead)
    }

    /// Replaces a tenant's form, unless it was changed since it was read.
    mutating func update(_ tenant: Tenant) throws(LedgerError) -> LedgerAnswer {
        guard let current = try self.tenant(tenant.id) else { return .notFound }
        guard current.revision == tenant.revision else { return .stale }
        if current.trialEnd(at: now) != tenant.trialEnd(at: now) { remindOfTrial(tenant) }
        return try put(tenant)
    }

    private mutating func put(_ tenant: Tenant) throws(LedgerError) -> LedgerAnswer {
        var tenant = tenant
        tenant.revision = nextRevision()
        changes.tenants[tenant.id] = tenant
        return .changed(revision: tenant.revision)
    }

    func tenant(_ id: TenantID) throws(LedgerError) -> Tenant? {
        if let staged = changes.tenants[id] { return staged }
        return try reader.tenant(id)
    }

    mutating func update(_ record: KeyRecord) throws(LedgerError) -> LedgerAnswer {
        var current = changes.keys[record.key.id]
        if current == nil { current = try reader.key(record.key.id) }
        guard let current else { return .notFound }
        guard current.key.revision == record.key.revision else { return .stale }
        var record = record
        record.key.revision = nextRevision()
        changes.keys[record.key.id] = record
        return .changed(revision: record.key.revision)
    }

    mutating func touch(_ uses: [APIKeyID: Timestamp]) -> LedgerAnswer {
        changes.keyUses.merge(uses) { max($0, $1) }
        return .changed(revision: changes.head.revision)
    }

    // MARK: Organizations and overrides

    mutating func put(_ organization: Organization) -> LedgerAnswer {
        var organization = organization
        organization.revision = nextRevision()
        changes.organizations[organization.id] = .some(organization)
        return .changed(revision: organization.revision)
    }

    mutating func deleteOrganization(_ id: OrganizationID) throws(LedgerError) -> LedgerAnswer {
        guard try organization(id) != nil else { return .notFound }
        changes.organizations[id] = .some(nil)
        return .changed(revision: nextRevision())
    }

    func organization(_ id: OrganizationID) throws(LedgerError) -> Organization? {
        if let staged = changes.organizations[id] { return staged }
        return try reader.organization(id)
    }

    /// Sets an override; the tenant's revision grows with it, since its limits change.
    ///
    /// - Returns: `stale` where another override holds at the same time.
    mutating func put(_ override: LimitOverride) throws(LedgerError) -> LedgerAnswer {
        guard let tenant = try tenant(override.id.tenant) else { return .notFound }
        let known = try reader.overrides(like: override.id)
            .filter { changes.overrides[$0.id] == nil }
        let others = known + changes.overrides.values.compactMap(\.self)
        if others.contains(where: { $0.id != override.id && $0.overlaps(override) }) {
            return .stale
        }
        let before = try self.override(override.id)
        changes.overrides[override.id] = .some(override)
        // Of an end that stays somebody is told, or was.
        if let end = override.expiresAt, before?.expiresAt != end {
            remind(of: .override(override.id), endingAt: end, lead: Reminder.overrideLead)
        }
        return try put(tenant)
    }

    /// An override as it is now.
    func override(_ id: LimitOverride.ID) throws(LedgerError) -> LimitOverride? {
        if let staged = changes.overrides[id] { return staged }
        return try reader.override(id)
    }

    mutating func deleteOverride(_ id: LimitOverride.ID) throws(LedgerError) -> LedgerAnswer {
        guard try override(id) != nil, let tenant = try tenant(id.tenant) else { return .notFound }
        changes.overrides[id] = .some(nil)
        return try put(tenant)
    }

    mutating func deletePlan(_ id: PlanID) throws(LedgerError) -> LedgerAnswer {
        guard try planExists(id) else { return .notFound }
        changes.plans[id] = .some(nil)
        return .changed(revision: nextRevision())
    }

    func planExists(_ id: PlanID) throws(LedgerError) -> Bool {
        if let staged = changes.plans[id] { return staged != nil }
        return try reader.planExists(id)
    }

    mutating func update(_ meter: Meter) throws(LedgerError) -> LedgerAnswer {
        var current = changes.meters[meter.id]
        if current == nil { current = try reader.meter(meter.id) }
        guard let current else { return .notFound }
        guard current.kind == meter.kind else { return .stale }
        changes.meters[meter.id] = meter
        return .changed(revision: nextRevision())
    }

    mutating func create(_ record: KeyRecord) throws(LedgerError) -> LedgerAnswer {
        if changes.keys[record.key.id] != nil { return .alreadyExists }
        let publicID = record.credential.publicID
        if changes.keys.values.contains(where: { $0.credential.publicID == publicID }) {
            return .alreadyExists
        }
        if try reader.keyExists(record.key.id, publicID: record.credential.publicID) {
            return .alreadyExists
        }
        var record = record
        record.key.revision = nextRevision()
        changes.keys[record.key.id] = record
        return .changed(revision: record.key.revision)
    }

    mutating func put(_ plan: Plan) -> LedgerAnswer {
        var plan = plan
        plan.revision = nextRevision()
        changes.plans[plan.id] = .some(plan)
        return .changed(revision: plan.revision)
    }

    mutating func create(_ meter: Meter) throws(LedgerError) -> LedgerAnswer {
        if changes.meters[meter.id] != nil { return .alreadyExists }
        if try reader.meter(meter.id) != nil { return .alreadyExists }
        changes.meters[meter.id] = meter
        return .changed(revision: nextRevision())
    }

    mutating func putSetting(_ name: String, _ value: String?) -> LedgerAnswer {
        changes.settings[name] = .some(value)
        return .changed(revision: changes.head.revision)
    }

    mutating func createSetting(
        _ name: String,
        _ value: String
    ) throws(LedgerError) -> LedgerAnswer {
        let staged = changes.settings[name]
        let known = if let staged { staged } else { try reader.setting(name) }
        return known == nil ? putSetting(name, value) : .alreadyExists
    }

    private mutating func nextRevision() -> Int64 {
        changes.head.revision += 1
        return changes.head.revision
    }
}

extension LedgerAnswer {
    /// Whether something was changed that an administrator answers for.
    var hasChanged: Bool {
        switch self {
        case .changed, .concluded(.done), .concluded(.leaseResolved), .imported(earlier: nil): true
        // Of a budget without a period to close, nothing was changed.
        case .reset(.done(let closed, let opened)): closed != nil || opened == nil
        case .adjusted(.done(_, _, let isNew)), .toppedUp(.done(_, let isNew)): isNew
        default: false
        }
    }
}
