public import QuotaModel

/// Everything that limits one tenant, compiled once per revision of tenant, plan and key.
public struct Entitlements: Hashable, Sendable {
    /// The plan whose limits hold.
    public let plan: PlanID
    /// The plan's share of a busy backend.
    public let weight: Int64
    /// The limits of the tenant, and of the key if there is one.
    public let limits: [CompiledLimit]
    /// What the caller should know, for example that the plan does not exist.
    public let warnings: [String]
    private let revision: Int64

    /// Compiles the limits of a tenant.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - plan: the tenant's plan, or the fallback when that does not exist.
    ///   - key: the API key that asks; its own limits are added.
    public init(tenant: Tenant, plan: Plan, key: APIKey?) {
        self.plan = plan.id
        weight = plan.weight
        let revision = max(tenant.revision, plan.revision, key?.revision ?? 0)
        self.revision = revision
        let ofPlan = plan.limits.compactMap { limit -> CompiledLimit? in
            if case .key = limit.scope, key == nil { return nil }
            return CompiledLimit(limit, key: key?.id, source: .plan, revision: revision)
        }
        let ofKey = (key?.limits ?? [])
            .map {
                CompiledLimit($0, key: key?.id, source: .key, revision: revision)
            }
        // A key's own limit replaces the one that the plan gives to every key.
        let replaced = Set(ofKey.map { ExactString($0.accountName) })
        limits = ofPlan.filter { !replaced.contains(ExactString($0.accountName)) } + ofKey
        if tenant.plan.canonical == plan.id {
            warnings = []
        } else {
            warnings = [
                "plan \"\(tenant.plan.text)\" does not exist; "
                    + "the limits of \"\(plan.id.text)\" hold"
            ]
        }
    }

    /// The limits that a request for `meters` has to pass, in a stable order.
    ///
    /// A meter that no budget of the tenant bounds is metered all the same, by an unlimited month.
    public func applicable(to meters: [MeterID], model: ModelName?) -> [CompiledLimit] {
        var found = limits.filter { compiled in
            guard meters.contains(compiled.limit.meter) else { return false }
            if case .model(let name) = compiled.limit.scope { return name == model }
            return compiled.limit.window.kind != .allocation
        }
        for meter in meters where !found.contains(where: { $0.isTenantBudget(of: meter) }) {
            found.append(unlimitedMonth(of: meter))
        }
        return found
    }

    /// The limits that an overview of the tenant's usage shows, apart from allocations.
    public var counters: [CompiledLimit] {
        limits.filter { $0.limit.window.kind != .allocation }
    }

    /// The allocations that an overview of the tenant's usage shows.
    public var allocations: [CompiledLimit] {
        limits.filter { $0.limit.window.kind == .allocation }
    }

    /// The unlimited account under which use of an unbounded meter is kept.
    public func unlimitedMonth(of meter: MeterID) -> CompiledLimit {
        CompiledLimit(
            Limit(meter: meter, window: .month, quantity: nil), key: nil, source: .plan,
            revision: revision)
    }
}

extension CompiledLimit {
    /// Whether this is a budget over all use of the tenant.
    public func isTenantBudget(of meter: MeterID) -> Bool {
        limit.meter == meter && limit.scope == .tenant && limit.window.kind == .budget
    }
}
