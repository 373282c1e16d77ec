import QuotaCalendar
public import QuotaModel

/// Everything that limits one tenant, compiled once per revision of tenant, plan, key and
/// organization.
public struct Entitlements: Hashable, Sendable {
    /// The plan whose limits hold.
    public let plan: PlanID
    /// The plan's share of a busy backend.
    public let weight: Int64
    /// The limits of the tenant, of its organization, and of the key if there is one.
    public let limits: [CompiledLimit]
    /// What the caller should know, for example that the plan does not exist.
    public let warnings: [String]
    /// When an override begins or expires or the plan changes, and this has to be compiled again;
    /// nil for never.
    public let validUntil: Timestamp?
    private let revision: Int64
    private let keyRevision: Int64
    private let keyID: APIKeyID?
    /// What holds at other instants; nil where nothing has a date.
    private let timeline: EntitlementTimeline?

    /// Compiles the limits of a tenant.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - plan: the tenant's plan, or the fallback when that does not exist.
    ///   - key: the API key that asks; its own limits are added.
    ///   - overrides: the tenant's overrides, be they expired.
    ///   - organization: the tenant's organization, where there is such.
    ///   - now: the instant, which decides what overrides hold.
    ///   - catalog: the plans there are, for those that the tenant was on before.
    public init(
        tenant: Tenant,
        plan: Plan,
        key: APIKey?,
        overrides: [LimitOverride] = [],
        organization: Organization? = nil,
        now: Timestamp = .distantPast,
        catalog: (PlanID) -> Plan? = { _ in nil }
    ) {
        self.init(
            tenant: tenant, plan: plan, key: key, overrides: overrides,
            organization: organization, now: now, catalog: catalog,
            timeline: EntitlementTimeline(
                tenant: tenant, key: key, overrides: overrides, catalog: catalog))
    }

    init(
        tenant: Tenant,
        plan: Plan,
        key: APIKey?,
        overrides: [LimitOverride],
        organization: Organization?,
        now: Timestamp,
        catalog: (PlanID) -> Plan?,
        timeline: EntitlementTimeline?
    ) {
        self.timeline = timeline
        self.plan = plan.id
        weight = plan.weight
        let passed = tenant.planSteps.count { $0.since <= now }
        let expired = overrides.reduce(passed) { count, override in
            let hasBegun = override.id.startsAt.map { $0 <= now } ?? false
            return count + (hasBegun ? 1 : 0) + (override.isExpired(at: now) ? 1 : 0)
        }
        // What holds after a plan is newer than what was written of it, and what is written of one
        // to come is noted now.
        let written = max(tenant.revision, plan.revision, timeline?.plansRevision ?? 0)
        let ofTenant = Self.revision(written, expired: expired)
        revision = ofTenant
        let ofKey = Self.revision(max(written, key?.revision ?? 0), expired: expired)
        keyRevision = ofKey
        keyID = key?.id
        let keyLimits = (key?.limits ?? [])
            .map {
                CompiledLimit(
                    $0, key: key?.id, source: .key, revision: ofKey,
                    policy: $0.policy(version: key?.revision ?? 0))
            }
        // A key's own limit replaces the one that the plan gives to every key.
        let replaced = Set(keyLimits.map { ExactString($0.accountName) })
        let planLimits = plan.limits.compactMap { limit -> CompiledLimit? in
            guard case .key = limit.scope else {
                return CompiledLimit(
                    limit, key: nil, source: .plan, revision: ofTenant,
                    policy: limit.policy(version: plan.revision), plan: plan.id,
                    steps: tenant.steps(of: limit, until: now, catalog), timeline: timeline)
            }
            guard let key else { return nil }
            let compiled = CompiledLimit(
                limit, key: key.id, source: .plan, revision: ofKey,
                policy: limit.policy(version: plan.revision), plan: plan.id, timeline: timeline)
            return replaced.contains(ExactString(compiled.accountName)) ? nil : compiled
        }
        let active = overrides.filter { $0.holds(at: now) }
        let starts = overrides.compactMap(\.id.startsAt).filter { $0 > now }
        let changes = starts + active.compactMap(\.expiresAt)
        validUntil = (changes + [tenant.nextPlanStep(after: now)?.since].compactMap(\.self)).min()
        limits =
            Self.applying(active, to: planLimits, revision: ofTenant, timeline) + keyLimits
            + (organization.map(Self.limits) ?? [])
        let named = tenant.plan(at: now)
        if named.canonical == plan.id {
            warnings = []
        } else {
            warnings = [
                "plan \"\(named.text)\" does not exist; "
                    + "the limits of \"\(plan.id.text)\" hold"
            ]
        }
    }

    /// The revision of a compiled limit: an override that expires makes it newer, although nobody
    /// changed anything.
    private static func revision(_ written: Int64, expired: Int) -> Int64 {
        written << 16 + Int64(min(expired, 0xFFFF))
    }

    private static func applying(
        _ overrides: [LimitOverride],
        to limits: [CompiledLimit],
        revision: Int64,
        _ timeline: EntitlementTimeline?
    ) -> [CompiledLimit] {
        var limits = limits
        for override in overrides.sorted(by: { $0.id < $1.id }) {
            let place = limits.firstIndex { compiled in
                compiled.limit.scope == .tenant && compiled.limit.meter == override.id.meter
                    && compiled.limit.window == override.id.window
            }
            let planned = place.map { limits[$0] }
            // A multiple of what the plan does not bound bounds nothing either.
            if planned == nil, case .multiplier = override.effect { continue }
            var limit =
                planned?.limit
                ?? Limit(meter: override.id.meter, window: override.id.window, quantity: nil)
            limit.quantity = override.effect.applied(to: limit.quantity)
            var steps: [AllowanceStep] = []
            if case .multiplier = override.effect {
                steps = (planned?.steps ?? [])
                    .map {
                        AllowanceStep(
                            since: $0.since, quantity: override.effect.applied(to: $0.quantity))
                    }
            }
            let compiled = CompiledLimit(
                limit, key: nil, source: .override, revision: revision,
                policy: planned?.policy, plan: planned?.plan, steps: steps,
                override: OverrideNote(planned: planned?.limit.quantity, until: override.expiresAt),
                timeline: timeline)
            if let place { limits[place] = compiled } else { limits.append(compiled) }
        }
        return limits
    }

    /// The limits that an organization's tenants share.
    public static func limits(of organization: Organization) -> [CompiledLimit] {
        organization.limits.map {
            CompiledLimit(
                $0, key: nil, source: .plan,
                revision: revision(organization.revision, expired: 0),
                organization: organization.id,
                policy: $0.policy(version: organization.revision))
        }
    }

    /// Whether plans or overrides of the tenant have dates.
    public var isDated: Bool { timeline != nil }

    /// The limits, with those that only another plan of the tenant has, before or later: they have
    /// no bound now, and their accounts have to hear of it.
    public var withOtherPlans: [CompiledLimit] {
        limits + (timeline?.otherBudgets(than: limits) ?? []).map(unbounded)
    }

    /// A limit that holds no more or not yet.
    func unbounded(_ limit: Limit) -> CompiledLimit {
        let limit = Limit(
            meter: limit.meter, scope: limit.scope, window: limit.window, quantity: nil)
        return CompiledLimit(
            limit, key: keyID, source: .plan,
            revision: limit.scope.isOfKey ? keyRevision : revision, timeline: timeline)
    }

    /// The limits that a request for `meters` has to pass, in a stable order.
    ///
    /// A meter that no budget of the tenant bounds is metered all the same, by an unlimited month.
    ///
    /// - Parameters:
    ///   - meters: what is asked for.
    ///   - model: the model that it is for.
    ///   - holds: whether the units are held: only then limits of what is held at once apply.
    /// - Returns: the limits.
    public func applicable(
        to meters: [MeterID],
        model: ModelName?,
        holds: Bool = false
    ) -> [CompiledLimit] {
        var found = limits.filter { compiled in
            guard meters.contains(compiled.limit.meter),
                holds || compiled.limit.window.kind != .concurrency
            else { return false }
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

    /// The limits that bound how much of an allocation is held; one without a bound when there is
    /// none of the tenant.
    public func allocations(of meter: MeterID) -> [CompiledLimit] {
        let found = allocations.filter { compiled in
            guard compiled.limit.meter == meter else { return false }
            return compiled.limit.scope == .tenant || compiled.limit.scope == .organization
        }
        if found.contains(where: { $0.limit.scope == .tenant }) { return found }
        return [unbounded(Limit(meter: meter, window: .none, quantity: nil))] + found
    }

    /// The limit of the tenant itself on a meter and window; without a bound when there is none.
    public func limit(of meter: MeterID, window: Window) -> CompiledLimit {
        let found = limits.first { compiled in
            compiled.limit.scope == .tenant && compiled.limit.meter == meter
                && compiled.limit.window == window
        }
        return found ?? unbounded(Limit(meter: meter, window: window, quantity: nil))
    }

    /// The unlimited account under which use of an unbounded meter is kept.
    public func unlimitedMonth(of meter: MeterID) -> CompiledLimit {
        unbounded(Limit(meter: meter, window: .month, quantity: nil))
    }
}

extension Tenant {
    /// What a limit of the present plan gave under those before it: what was noted when they were
    /// left.
    ///
    /// A plan of which nothing was noted counts as it is now, and one that is not there any more
    /// says nothing: then the one after it counts for its time.
    fileprivate func steps(
        of limit: Limit,
        until now: Timestamp,
        _ catalog: (PlanID) -> Plan?
    ) -> [AllowanceStep] {
        let past = planSteps.filter { $0.since <= now }
        guard let last = past.last else { return [] }
        let name = ExactString(limit.name)
        var steps: [AllowanceStep] = []
        var (plan, since) = (firstPlan, Timestamp.distantPast)
        for step in past {
            if let left = step.left ?? (catalog(plan) ?? catalog(.fallback))?.quantities {
                let quantity = left.first { $0.limit == name }?.quantity
                steps.append(AllowanceStep(since: since, quantity: quantity))
            }
            (plan, since) = (step.plan, step.since)
        }
        if steps.isEmpty { return [] }
        return steps + [AllowanceStep(since: last.since, quantity: limit.quantity)]
    }
}

extension Limit {
    /// How its periods close, by what was written in a revision.
    fileprivate func policy(version: Int64) -> RolloverPolicy? {
        rollover.map { RolloverPolicy($0, version: version) }
    }
}

extension CompiledLimit {
    /// Whether this is a budget over all use of the tenant.
    public func isTenantBudget(of meter: MeterID) -> Bool {
        limit.meter == meter && limit.scope == .tenant && limit.window.kind == .budget
    }
}
