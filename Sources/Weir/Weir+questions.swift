import QuotaEngine
public import QuotaModel
import QuotaNode

// Questions about a tenant; they charge and create nothing.
extension Weir {
    /// The plan that holds for a tenant now: of its subscription, its trial, or the default.
    ///
    /// - Parameter tenant: the tenant.
    /// - Returns: the plan, why it holds, and the next change.
    /// - Throws: ``WeirError``: `not_found` for a tenant that does not exist.
    public func resolvePlan(tenant: TenantID) async throws(WeirError) -> ResolvedPlan {
        try await asking { (node) async throws(NodeError) in
            try await node.resolvePlan(tenant)
        }
    }

    /// Whether the tenant may use that many AI tokens now.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - tokens: how many, from 1.
    ///   - model: the model that would generate them.
    /// - Returns: whether every limit has room.
    /// - Throws: ``WeirError``.
    public func canGenerate(
        tenant: TenantID,
        tokens: Int64 = 1,
        model: ModelName? = nil
    ) async throws(WeirError) -> Bool {
        try RequestCheck.charges([Charge(meter: .aiTokens, amount: tokens)])
        return try await asking { (node) async throws(NodeError) in
            try await node.canGenerate(tokens: tokens, model: model, tenant: tenant, imagines: true)
                .isAllowed
        }
    }

    /// The limit that holds for a tenant: the manual override if there is one, else the plan's.
    ///
    /// - Parameters:
    ///   - meter: what is counted.
    ///   - window: over what time; nil is the month, and for an allocation its one limit.
    ///   - tenant: the tenant.
    /// - Returns: the limit with its quantity, its source and its use; nil where nothing limits.
    /// - Throws: ``WeirError``: `not_found` for a tenant that does not exist.
    public func effectiveLimit(
        for meter: MeterID,
        window: Window? = nil,
        tenant: TenantID
    ) async throws(WeirError) -> LimitStatus? {
        try await asking { (node) async throws(NodeError) in
            try await node.effectiveLimit(for: meter, window: window, tenant: tenant).limit
        }
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
    /// - Throws: ``WeirError``: `not_found` for a tenant that does not exist.
    public func effectiveQuantity(
        for meter: MeterID,
        window: Window? = nil,
        tenant: TenantID
    ) async throws(WeirError) -> Int64? {
        try await asking { (node) async throws(NodeError) in
            try await node.effectiveQuantity(for: meter, window: window, tenant: tenant)
        }
    }

    /// The AI tokens that a tenant's budgets leave it.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - model: the model, whose own limits count as well.
    /// - Returns: what the tightest enforced budget leaves; nil where none bounds it.
    /// - Throws: ``WeirError``.
    public func remainingTokens(
        tenant: TenantID,
        model: ModelName? = nil
    ) async throws(WeirError) -> Int64? {
        try await asking { (node) async throws(NodeError) in
            try await node.remainingTokens(model: model, tenant: tenant, imagines: true).units
        }
    }

    /// Whether a tenant has come to the soft limit of a meter, or beyond.
    ///
    /// - Parameters:
    ///   - tenant: the tenant.
    ///   - meter: what is counted.
    /// - Returns: whether any limit of the meter is approaching or exceeded.
    /// - Throws: ``WeirError``: `not_found` for a tenant that does not exist.
    public func isNearLimit(
        tenant: TenantID,
        meter: MeterID = .aiTokens
    ) async throws(WeirError) -> Bool {
        try await asking { (node) async throws(NodeError) in
            try await node.nearLimits(of: meter, tenant: tenant).isNear
        }
    }
}
