public import QuotaModel
import QuotaNode

// Limits set by hand: `reason` is kept with the override, and with the change in the audit log.
extension Weir {
    /// Sets a limit of one tenant by hand, instead of its plan's or where its plan has none.
    ///
    /// - Parameters:
    ///   - effect: the units allowed, nil for unlimited, or a percentage of what the plan gives.
    ///   - tenant: whose limit.
    ///   - meter: what is counted.
    ///   - window: over what time; `none` for an allocation.
    ///   - startsAt: when it begins to hold; nil for now.
    ///   - expiresAt: when the plan's quantity holds again; nil for never.
    ///   - periods: for how many periods it holds, that of its start counted; nil for any number.
    ///   - author: who wants it.
    ///   - reason: why.
    /// - Returns: the override.
    /// - Throws: ``WeirError``: `not_found`, and `invalid` for a time that is over or in which
    ///   another override of the limit holds.
    @discardableResult
    public func putOverride(
        _ effect: LimitOverride.Effect,
        tenant: TenantID,
        meter: MeterID,
        window: Window,
        startsAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        periods: Int64? = nil,
        author: String? = nil,
        reason: String? = nil
    ) async throws(WeirError) -> LimitOverride {
        switch effect {
        case .quantity(let quantity): try RequestCheck.quantity(quantity, "effect")
        case .multiplier(let percent):
            let range = LimitOverride.multipliers
            guard range.contains(percent) else {
                throw .invalid(
                    "effect", "must be \(range.lowerBound) to \(range.upperBound) percent")
            }
        }
        try RequestCheck.future(expiresAt, now: try openNode().now)
        if let periods, !(1...LimitOverride.maximumPeriods).contains(periods) {
            throw .invalid("periods", "must be 1 to \(LimitOverride.maximumPeriods)")
        }
        if let author { try RequestCheck.name(author) }
        let id = LimitOverride.ID(
            tenant: tenant, meter: meter, window: window, startsAt: startsAt)
        return try await asking { (node) async throws(NodeError) in
            try await node.putOverride(
                id, effect: effect, expiresAt: expiresAt, periods: periods, author: author,
                note: AuditDraft(action: "override.put", reason: reason)
            )
            .override
        }
    }

    /// The overrides of a tenant, also those that have expired.
    ///
    /// - Parameter tenant: the tenant.
    /// - Returns: all of them, by meter, window and start.
    /// - Throws: ``WeirError``: `not_found`.
    public func overrides(of tenant: TenantID) async throws(WeirError) -> [LimitOverride] {
        try await asking { (node) async throws(NodeError) in
            try await node.overrides(
                of: tenant, after: nil, limit: LimitOverride.maximumPerTenant)
        }
    }

    /// Takes an override away; the plan's quantity holds again at once.
    ///
    /// - Parameters:
    ///   - tenant: whose limit.
    ///   - meter: what is counted.
    ///   - window: over what time.
    ///   - startsAt: when it begins, of one that was given a start.
    ///   - reason: why.
    /// - Throws: ``WeirError``: `not_found`.
    public func deleteOverride(
        tenant: TenantID,
        meter: MeterID,
        window: Window,
        startsAt: Timestamp? = nil,
        reason: String? = nil
    ) async throws(WeirError) {
        let id = LimitOverride.ID(
            tenant: tenant, meter: meter, window: window, startsAt: startsAt)
        try await asking { (node) async throws(NodeError) in
            try await node.deleteOverride(
                id, note: AuditDraft(action: "override.delete", reason: reason))
        }
    }
}
