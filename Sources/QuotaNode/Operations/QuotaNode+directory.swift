import QuotaCalendar
import QuotaEngine
import QuotaLedger
public import QuotaModel

/// What is noted of a change, but for what it turns out to be about.
public struct AuditDraft: Sendable {
    /// What was done.
    public let action: String
    /// Why.
    public let reason: String?
    /// What it was changed to, a JSON object.
    public let details: String?

    /// Creates a draft.
    public init(action: String, reason: String?, details: String? = nil) {
        self.action = action
        self.reason = reason
        self.details = details
    }

    func note(subject: String, tenant: TenantID? = nil) -> AuditNote {
        AuditNote(
            action: action, subject: subject, tenant: tenant, reason: reason, details: details)
    }
}

extension QuotaNode {
    /// Runs a change and, where there is a note, keeps it with the change.
    func run(
        _ command: LedgerCommand,
        _ note: AuditNote?
    ) async throws(NodeError) -> LedgerAnswer {
        let audited = note.map { LedgerCommand.audited(command, $0) } ?? command
        let answer = try await asking { () async throws(LedgerError) in
            try await ledger.commit([audited]).first
        }
        guard let answer else { throw .mismatch }
        return answer
    }

    // MARK: Tenants

    /// Creates a tenant.
    ///
    /// - Returns: the tenant with its revision.
    public func create(
        _ tenant: Tenant,
        plan: PlanRequest = PlanRequest(),
        note: AuditDraft? = nil
    ) async throws(NodeError) -> Tenant {
        try Self.checkPeriods(zone: tenant.timeZone, boundaries: tenant.billingBoundaries)
        var tenant = tenant
        try begin(plan, &tenant)
        noteQuantities(&tenant)
        let answer = try await run(
            .createTenant(tenant), note?.note(subject: tenant.id.text, tenant: tenant.id))
        guard case .changed(let revision) = answer else {
            throw .alreadyExists("tenant \"\(tenant.id.text)\"")
        }
        var created = tenant
        created.revision = revision
        try await openCarrying([directory.compile(created, now: now)])
        return created
    }

    /// Refuses a zone that does not exist, and a table of periods that don't follow each other.
    package static func checkPeriods(
        zone name: String,
        boundaries: [LocalDateTime]
    ) throws(NodeError) {
        guard let zone = try? ZoneRules(name) else { throw .unknownTimeZone(name) }
        guard !boundaries.isEmpty else { return }
        let field = "billing_boundaries"
        guard (2...Tenant.maximumBoundaries).contains(boundaries.count) else {
            throw .invalid(field: field, "must be 2 to \(Tenant.maximumBoundaries)")
        }
        guard boundaries.allSatisfy({ (1970...2200).contains($0.date.year) }) else {
            throw .invalid(field: field, "must lie in the years 1970 to 2200")
        }
        do {
            _ = try BoundaryTable(zone: zone, boundaries: boundaries)
        } catch {
            throw .invalid(field: field, "must each be later than the one before: \(error)")
        }
    }

    /// Changes a tenant; its limits hold at once.
    ///
    /// - Parameters:
    ///   - id: the tenant.
    ///   - plan: what is asked of its plan.
    ///   - note: what is kept of the change.
    ///   - change: what is changed besides; may be called again.
    /// - Returns: the tenant.
    /// - Throws: `tenantNotFound`, and `invalid` for a plan from an instant that is over.
    public func updateTenant(
        _ id: TenantID,
        plan: PlanRequest = PlanRequest(),
        note: AuditDraft? = nil,
        _ change: (inout Tenant) -> Void
    ) async throws(NodeError) -> Tenant {
        while true {
            let before = try await tenant(id)
            var tenant = before
            change(&tenant)
            if !plan.isEmpty {
                try apply(plan, to: &tenant, periodEnd: try await billingPeriodEnd(of: before))
            }
            let steps = tenant.planSteps.count
            guard steps <= max(Tenant.maximumPlanSteps, before.planSteps.count) else {
                throw .invalid(
                    field: "plan",
                    "has changed \(Tenant.maximumPlanSteps) times in 400 days, which is all a "
                        + "tenant can; set an override or a grant until then")
            }
            try Self.checkPeriods(zone: tenant.timeZone, boundaries: tenant.billingBoundaries)
            noteQuantities(&tenant)
            try await openCarrying(
                of: id, all: !TenantCalendar(tenant).hasPeriods(of: TenantCalendar(before)))
            let answer = try await run(
                .updateTenant(tenant), note?.note(subject: id.text, tenant: id))
            directory.forget(id)
            switch answer {
            case .changed(let revision):
                tenant.revision = revision
                leases.move(before, to: tenant)
                try await leases.recall(id)
                try await refresh(id)
                return tenant
            case .stale: continue
            default: throw .tenantNotFound(id)
            }
        }
    }

    /// Opens the accounts of what carries over, of tenants or keys that are new: their first
    /// periods leave something also when nobody asks in them.
    func openCarrying(_ entries: [TenantEntry]) async throws(NodeError) {
        _ = try await commit(entries.filter(\.carries).map(\.refresh))
    }

    /// Brings what carries over to the present, before a limit of a tenant changes: the periods in
    /// which nobody asked had what held then.
    ///
    /// Before its calendar changes, `all` keeps the ends of its present periods.
    func openCarrying(of id: TenantID, all: Bool = false) async throws(NodeError) {
        let entries = try await asking { () async throws(LedgerError) in
            try await directory.entries(of: id, withKeys: all, now: now)
        }
        // What this node leases of a period that is over must not become suspect by it.
        if all { try await leases.recall(id) }
        try await openCarrying(entries)
        if all { _ = try await commit(entries.map(\.opening)) }
    }

    /// Brings the open accounts of a tenant to its limits.
    func refresh(_ id: TenantID) async throws(NodeError) {
        try await asking { () async throws(LedgerError) in
            let entries = try await directory.entries(of: id, now: now)
            if entries.isEmpty { return }
            _ = try await ledger.commit(entries.map(\.refresh))
        }
    }

    /// A tenant.
    public func tenant(_ id: TenantID) async throws(NodeError) -> Tenant {
        let tenant = try await asking { () async throws(LedgerError) in
            try await ledger.tenant(id)
        }
        guard let tenant else { throw .tenantNotFound(id) }
        return tenant
    }

    /// What a tenant names that does not exist, in words.
    public func warnings(of tenant: Tenant) async -> [String] { await warnings(of: [tenant]) }

    /// What tenants name that does not exist, each thing once, the first ones.
    func warnings(of tenants: [Tenant]) async -> [String] {
        let most = 20
        let now = now
        let plans = tenants.flatMap { tenant in
            [tenant.plan(at: now)] + tenant.planSteps.filter { $0.since > now }.map(\.plan)
        }
        var warnings = Set(plans).filter { plan($0) == nil }.sorted()
            .map { "plan \"\($0.text)\" does not exist; the limits of \"free\" hold" }
        let organizations = Set(
            tenants.compactMap(\.organization).map(OrganizationID.init(trusted:)))
        for id in organizations.sorted() where warnings.count < most {
            do throws(NodeError) {
                _ = try await organization(id)
            } catch {
                // Where the ledger is out of reach nothing is known, and what was asked is done.
                guard case .notFound = error else { continue }
                warnings.append(
                    "organization \"\(id.text)\" does not exist; none of its limits hold")
            }
        }
        return Array(warnings.prefix(most))
    }

    /// Tenants in the order of their ids, after `id`; of one organization, or all.
    public func tenants(
        of organization: OrganizationID? = nil,
        after id: TenantID?,
        limit: Int
    ) async throws(NodeError) -> [Tenant] {
        try await asking { () async throws(LedgerError) in
            try await ledger.tenants(of: organization, after: id, limit: limit)
        }
    }

    // MARK: Plans and meters

    /// All plans, the smallest first.
    public var plans: [Plan] { directory.plans }

    /// A plan, also by its alias.
    public func plan(_ id: PlanID) -> Plan? { directory.plan(id) }

    /// All meters by id.
    public var meters: [MeterID: Meter] { directory.meters }

    /// Creates or replaces a plan; it holds at once.
    ///
    /// `mustBeNew` refuses to replace one.
    /// - Returns: whether it is new.
    public func put(
        _ plan: Plan,
        mustBeNew: Bool = false,
        note: ((_ isNew: Bool) -> AuditDraft)? = nil
    ) async throws(NodeError) -> (plan: Plan, isNew: Bool) {
        try checkLimits(plan.limits)
        let isNew = mustBeNew || directory.plan(plan.id) == nil
        // Until now, the fallback holds for who names a plan that is new.
        let replaced = directory.plan(plan.id) ?? directory.plan(.fallback)
        let limits = plan.limits + (replaced?.limits ?? [])
        let withKeys = plan.carriesForKeys || replaced?.carriesForKeys ?? false
        if let replaced, limits.contains(where: { $0.rollover != nil }) {
            try await asking { () async throws(LedgerError) in
                try await refreshTenants(on: replaced.id, withKeys: withKeys)
            }
        }
        let answer = try await run(
            mustBeNew ? .createPlan(plan) : .putPlan(plan),
            note?(isNew).note(subject: plan.id.text))
        guard case .changed(let revision) = answer else {
            throw .alreadyExists("plan \"\(plan.id.text)\"")
        }
        var stored = plan
        stored.revision = revision
        try await asking { () async throws(LedgerError) in
            try await directory.reloadPlansAndMeters()
            try await refreshTenants(on: plan.id, withKeys: withKeys)
        }
        return (stored, isNew)
    }

    /// Deletes a plan that no tenant is on.
    public func deletePlan(_ id: PlanID, note: AuditDraft? = nil) async throws(NodeError) {
        guard let plan = directory.plan(id) else { throw .notFound("plan \"\(id.text)\"") }
        if id.canonical == .fallback {
            throw .conflict("\"free\" is the plan of all tenants without one; it must stay")
        }
        let isUsed = try await asking { () async throws(LedgerError) in
            try await ledger.hasTenants(on: id.canonical, from: now)
        }
        if isUsed {
            throw .conflict("tenants are on plan \"\(id.text)\"; move them to another one first")
        }
        try await asking { () async throws(LedgerError) in
            // What was compiled of the plan must not look newer than what follows it.
            try await refreshTenants(on: plan.id) { $0.revision < plan.revision }
        }
        _ = try await run(.deletePlan(id.canonical), note?.note(subject: id.text))
        try await asking { () async throws(LedgerError) in
            try await directory.reloadPlansAndMeters()
        }
    }

    /// Creates a meter.
    public func create(_ meter: Meter, note: AuditDraft? = nil) async throws(NodeError) {
        let answer = try await run(.createMeter(meter), note?.note(subject: meter.id.text))
        guard case .changed = answer else {
            throw .alreadyExists("meter \"\(meter.id.text)\"")
        }
        try await asking { () async throws(LedgerError) in
            try await directory.reloadPlansAndMeters()
        }
    }

    /// Changes how usage of a meter is recorded; its kind stays.
    public func update(_ meter: Meter, note: AuditDraft? = nil) async throws(NodeError) {
        guard let current = directory.meter(meter.id) else {
            throw .notFound("meter \"\(meter.id.text)\"")
        }
        if current == meter { return }
        try await fold()
        switch try await run(.updateMeter(meter), note?.note(subject: meter.id.text)) {
        case .changed:
            try await asking { () async throws(LedgerError) in
                try await directory.reloadPlansAndMeters()
            }
        case .stale:
            throw .conflict(
                "meter \"\(meter.id.text)\" is of kind \"\(current.kind.rawValue)\", and stays so")
        default: throw .notFound("meter \"\(meter.id.text)\"")
        }
    }

    /// Brings the accounts of all that were on a plan, are or will be, to the present, a few
    /// hundred tenants at a time; those of `isRenewed` are written anew as well, with a new
    /// revision.
    private func refreshTenants(
        on plan: PlanID,
        withKeys: Bool = false,
        renewing isRenewed: (Tenant) -> Bool = { _ in false }
    ) async throws(LedgerError) {
        let pageSize = 500
        var last: TenantID?
        while true {
            let page = try await ledger.tenants(of: nil, after: last, limit: pageSize)
            var commands: [LedgerCommand] = []
            for tenant in page
            where directory.plans(of: tenant).contains(where: { $0.id == plan }) {
                if withKeys || directory.carriesForKeys(tenant) {
                    commands +=
                        try await directory.entries(
                            of: tenant.id, withKeys: true, now: now
                        )
                        .map(\.refresh)
                } else {
                    commands.append(
                        try await directory.compile(tenant, key: nil, now: now).refresh)
                }
                if isRenewed(tenant) {
                    commands.append(.updateTenant(tenant))
                }
            }
            if !commands.isEmpty { _ = try await ledger.commit(commands) }
            guard page.count == pageSize else { return }
            last = page.last?.id
        }
    }

    func checkLimits(_ limits: [Limit]) throws(NodeError) {
        var names: Set<ExactString> = []
        for (index, limit) in limits.enumerated() {
            guard directory.meter(limit.meter) != nil else {
                throw .invalid(
                    field: "limits[\(index)].meter", "\"\(limit.meter.text)\" does not exist")
            }
            guard names.insert(ExactString(limit.name)).inserted else {
                throw .duplicateLimit(limit.name, index: index)
            }
        }
    }
}
