public import QuotaModel
import QuotaNode

// Questions about a tenant; they charge and create nothing.
extension Weir {
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
        try await checkQuota(
            tenant: tenant, charges: [Charge(meter: .aiTokens, amount: tokens)], model: model
        )
        .isAllowed
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
        let node = try openNode()
        guard let known = node.meters[meter] else {
            throw .invalid("meter", "\"\(meter)\" isn't there")
        }
        let window = window ?? (known.kind == .allocation ? .none : .month)
        let usage = try await usage(of: tenant)
        return (usage.limits + usage.allocations)
            .first { status in
                status.scope == .tenant && status.meter == meter && status.window == window
                    && !status.isUnlimited
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
        let decision = try await checkQuota(
            tenant: tenant, charges: [Charge(meter: .aiTokens, amount: 1)], model: model)
        if decision.deniedBy?.reason == .suspended { return 0 }
        return decision.limits
            .filter { $0.window.kind == .budget && $0.mode == .enforce }
            .compactMap(\.remaining).min()
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
        let usage = try await usage(of: tenant)
        return (usage.limits + usage.allocations)
            .contains { status in
                status.meter == meter && (status.isApproaching || status.isExceeded)
            }
    }
}
