public import QuotaEngine
import QuotaLedger
public import QuotaModel
import Synchronization

// Questions about a tenant; they charge and create nothing.
extension QuotaNode {
    /// The plan that holds for a tenant now, and why.
    ///
    /// - Parameters:
    ///   - id: the tenant.
    ///   - key: one of its keys, which have no plans of their own.
    /// - Returns: the plan.
    /// - Throws: `tenantNotFound`, `keyNotFound`.
    public func resolvePlan(
        _ id: TenantID,
        key: APIKeyID? = nil
    ) async throws(NodeError) -> ResolvedPlan {
        let now = now
        let found = try await asking { () async throws(LedgerError) in
            try await directory.entry(TenantEntry.ID(tenant: id, key: key), now: now)
        }
        guard let found else { throw .tenantNotFound(id) }
        if let key, found.key == nil { throw .keyNotFound(key) }
        return directory.resolvePlan(found.tenant, now: now)
    }

    /// The limit that holds for a tenant.
    ///
    /// - Parameters:
    ///   - meter: what is counted.
    ///   - window: over what time; nil is the month, and for an allocation its one limit.
    ///   - tenant: the tenant.
    ///   - key: one of its keys, whose own limits are told besides.
    /// - Returns: the limit with its source and its use.
    /// - Throws: `tenantNotFound`, `keyNotFound`, and `invalid` for a meter that isn't there.
    public func effectiveLimit(
        for meter: MeterID,
        window: Window?,
        tenant: TenantID,
        key: APIKeyID? = nil
    ) async throws(NodeError) -> EffectiveLimit {
        let known = try counted(meter)
        let window = window ?? (known.kind == .allocation ? .none : .month)
        let usage = try await usage(of: tenant, key: key) { limit in
            limit.meter == meter && limit.window == window
        }
        let found = usage.limits + usage.allocations
        return EffectiveLimit(
            status: found.first { $0.scope == .tenant },
            others: found.filter { $0.scope != .tenant },
            plan: usage.plan, window: window, asOf: usage.asOf)
    }

    /// The units that a tenant's limit gives in its current period: the override's, else the
    /// plan's, with what is carried and granted on top.
    ///
    /// For who asks often and has no use for the balances: what was found is taken for granted for
    /// a second, unless the tenant is changed here.
    ///
    /// - Parameters:
    ///   - meter: what is counted.
    ///   - window: over what time; nil is the month, and for an allocation its one limit.
    ///   - tenant: the tenant.
    /// - Returns: the units; nil where nothing limits.
    /// - Throws: `tenantNotFound`, and `invalid` for a meter that isn't there.
    public func effectiveQuantity(
        for meter: MeterID,
        window: Window?,
        tenant: TenantID
    ) async throws(NodeError) -> Int64? {
        let now = now
        let id = TenantEntry.ID(tenant: tenant, key: nil)
        if let known = directory.cached(id, now: now)?.quantities
            .withLock({ $0.quantity(of: meter, window, now: now) })
        {
            return known
        }
        // What changes from here on leaves with this entry.
        let entry = try await entry(tenant)
        let limit = try await effectiveLimit(for: meter, window: window, tenant: tenant).limit
        entry.quantities.withLock {
            $0.keep(limit?.limit, of: meter, window, at: now, periodEnd: limit?.resetAt)
        }
        return limit?.limit
    }

    /// Whether a tenant may use that many AI tokens now.
    ///
    /// - Parameters:
    ///   - tokens: how many, from 1.
    ///   - model: the model that would generate them.
    ///   - tenant: the tenant.
    ///   - key: the key that would ask.
    ///   - imagines: whether a tenant that does not exist is taken for a new one.
    /// - Returns: what a request for them would be told.
    /// - Throws: `tenantNotFound` unless it may be imagined, `keyNotFound`.
    public func canGenerate(
        tokens: Int64,
        model: ModelName?,
        tenant: TenantID,
        key: APIKeyID? = nil,
        imagines: Bool = false
    ) async throws(NodeError) -> Decision {
        if !imagines { _ = try await entry(tenant) }
        return try await check(
            DecisionRequest(
                tenant: tenant, key: key,
                charges: [Charge(meter: Meter.aiTokens.id, amount: tokens)], model: model))
    }

    /// The AI tokens that a tenant's budgets leave it.
    ///
    /// - Parameters:
    ///   - model: the model, whose own limits count as well.
    ///   - tenant: the tenant.
    ///   - key: the key, whose own limits count as well.
    ///   - imagines: whether a tenant that does not exist is taken for a new one.
    /// - Returns: how many, and what bounds them.
    /// - Throws: `tenantNotFound` unless it may be imagined, `keyNotFound`.
    public func remainingTokens(
        model: ModelName?,
        tenant: TenantID,
        key: APIKeyID? = nil,
        imagines: Bool = false
    ) async throws(NodeError) -> RemainingTokens {
        let decision = try await canGenerate(
            tokens: 1, model: model, tenant: tenant, key: key, imagines: imagines)
        return RemainingTokens(decision: decision)
    }

    /// The limits of a meter at whose soft limit a tenant is, or beyond.
    ///
    /// - Parameters:
    ///   - meter: what is counted.
    ///   - tenant: the tenant.
    ///   - key: one of its keys, whose own limits count as well.
    /// - Returns: those limits.
    /// - Throws: `tenantNotFound`, `keyNotFound`, and `invalid` for a meter that isn't there.
    public func nearLimits(
        of meter: MeterID,
        tenant: TenantID,
        key: APIKeyID? = nil
    ) async throws(NodeError) -> NearLimits {
        _ = try counted(meter)
        let usage = try await usage(of: tenant, key: key)
        let near = (usage.limits + usage.allocations)
            .filter { $0.meter == meter && ($0.isApproaching || $0.isExceeded) }
        return NearLimits(limits: near, plan: usage.plan, asOf: usage.asOf)
    }

    private func counted(_ meter: MeterID) throws(NodeError) -> Meter {
        guard let known = directory.meter(meter) else {
            throw .invalid(field: "meter", "\"\(meter.text)\" isn't there")
        }
        return known
    }
}
