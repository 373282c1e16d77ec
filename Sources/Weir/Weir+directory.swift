public import QuotaModel
import QuotaNode

// `reason` is kept with the change in the audit log.
extension Weir {
    // MARK: Tenants

    /// Creates a tenant.
    ///
    /// - Parameters:
    ///   - id: its id, chosen by the application.
    ///   - plan: its plan; one that does not exist is kept, and the limits of `free` hold.
    ///   - name: a name for people; nil takes the id.
    ///   - organization: the organization whose limits it shares.
    ///   - timeZone: the IANA name of the zone in which its days and billing periods begin.
    ///   - billingAnchor: where its billing periods begin; nil for calendar months and years.
    ///   - billingInterval: how long they last.
    ///   - billingBoundaries: when they begin, one by one, where no rule describes them.
    ///   - currency: the ISO 4217 code its bills are in.
    ///   - reason: why.
    /// - Returns: the tenant.
    /// - Throws: ``WeirError``: `already_exists`.
    @discardableResult
    public func createTenant(
        _ id: TenantID,
        plan: PlanID = .fallback,
        name: String? = nil,
        organization: OrganizationID? = nil,
        timeZone: String = "UTC",
        billingAnchor: LocalDateTime? = nil,
        billingInterval: Tenant.BillingInterval = .month,
        billingBoundaries: [LocalDateTime] = [],
        currency: String = "USD",
        reason: String? = nil
    ) async throws(WeirError) -> Tenant {
        let tenant = Tenant(
            id: id, name: name, plan: plan.canonical, organization: organization?.text,
            timeZone: timeZone, billingAnchor: billingAnchor, billingInterval: billingInterval,
            billingBoundaries: billingBoundaries, currency: currency, createdAt: try openNode().now)
        try Self.check(tenant)
        return try await asking { (node) async throws(NodeError) in
            try await node.create(
                tenant, note: AuditDraft(action: "tenant.create", reason: reason))
        }
    }

    /// Changes a tenant; its limits hold at once.
    ///
    /// - Parameters:
    ///   - id: the tenant.
    ///   - reason: why.
    ///   - change: what is changed; may be called again when somebody else changes it meanwhile.
    /// - Returns: the tenant.
    /// - Throws: ``WeirError``: `not_found`.
    @discardableResult
    public func updateTenant(
        _ id: TenantID,
        reason: String? = nil,
        _ change: (inout Tenant) -> Void
    ) async throws(WeirError) -> Tenant {
        var changed = try await tenant(id)
        change(&changed)
        try Self.check(changed)
        return try await asking { (node) async throws(NodeError) in
            try await node.updateTenant(
                id, note: AuditDraft(action: "tenant.update", reason: reason), change)
        }
    }

    /// Changes the plan of a tenant, now or later, or begins or ends a trial.
    ///
    /// - Parameters:
    ///   - id: the tenant.
    ///   - request: what is asked; without a time a larger plan acts now, with what it gives more
    ///     prorated over the rest of the period, and a smaller one when the billing period ends.
    ///   - reason: why.
    /// - Returns: the tenant, with what is decided about its plan.
    /// - Throws: ``WeirError``: `not_found`, and `invalid` for an instant that is over.
    @discardableResult
    public func changePlan(
        of id: TenantID,
        _ request: PlanRequest,
        reason: String? = nil
    ) async throws(WeirError) -> Tenant {
        try await asking { (node) async throws(NodeError) in
            try await node.updateTenant(
                id, plan: request, note: AuditDraft(action: "tenant.update", reason: reason)
            ) { _ in }
        }
    }

    /// A tenant.
    ///
    /// - Parameter id: its id.
    /// - Returns: the tenant.
    /// - Throws: ``WeirError``: `not_found`.
    public func tenant(_ id: TenantID) async throws(WeirError) -> Tenant {
        try await asking { (node) async throws(NodeError) in try await node.tenant(id) }
    }

    private static func check(_ tenant: Tenant) throws(WeirError) {
        try RequestCheck.name(tenant.name)
        let isCode =
            tenant.currency.utf8.count == 3 && tenant.currency.utf8.allSatisfy { (65...90) ~= $0 }
        guard isCode else { throw .invalid("currency", "must be an ISO 4217 code such as NGN") }
        if let anchor = tenant.billingAnchor, !(1970...2200).contains(anchor.date.year) {
            throw .invalid("billingAnchor", "must lie in the years 1970 to 2200")
        }
    }

    // MARK: Plans and meters

    /// All plans, the smallest first.
    ///
    /// - Returns: the plans.
    /// - Throws: ``WeirError`` with `closed`.
    public func plans() throws(WeirError) -> [Plan] { try openNode().plans }

    /// Creates or replaces a plan; it holds at once.
    ///
    /// - Parameters:
    ///   - plan: the plan, with all of its limits.
    ///   - reason: why.
    /// - Returns: the plan as it is stored.
    /// - Throws: ``WeirError``: `invalid` for a limit that can't be meant.
    @discardableResult
    public func putPlan(_ plan: Plan, reason: String? = nil) async throws(WeirError) -> Plan {
        try RequestCheck.name(plan.name)
        guard (1...1_000_000).contains(plan.weight) else {
            throw .invalid("weight", "must be 1 to 1000000")
        }
        try RequestCheck.limits(plan.limits, meters: try openNode().meters)
        let stored = Plan(
            id: plan.id.canonical, name: plan.name, weight: plan.weight, limits: plan.limits)
        return try await asking { (node) async throws(NodeError) in
            try await node.put(stored) { isNew in
                AuditDraft(action: isNew ? "plan.create" : "plan.update", reason: reason)
            }
            .plan
        }
    }

    /// All meters by id.
    ///
    /// - Returns: the meters.
    /// - Throws: ``WeirError`` with `closed`.
    public func meters() throws(WeirError) -> [MeterID: Meter] { try openNode().meters }

    /// Creates a meter.
    ///
    /// - Parameters:
    ///   - meter: the meter.
    ///   - reason: why.
    /// - Throws: ``WeirError``: `already_exists`.
    public func createMeter(_ meter: Meter, reason: String? = nil) async throws(WeirError) {
        try await asking { (node) async throws(NodeError) in
            try await node.create(meter, note: AuditDraft(action: "meter.create", reason: reason))
        }
    }
}
