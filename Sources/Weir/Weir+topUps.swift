public import QuotaModel
import QuotaNode

// Units on top of a tenant's limits: `reason` is kept with the change in the audit log.
extension Weir {
    /// Puts units on top of a budget of a tenant, in its current period and those after it, until
    /// they are used or expire; they can be used at once.
    ///
    /// - Parameters:
    ///   - units: how many, from 1.
    ///   - tenant: whose limit.
    ///   - meter: what is counted.
    ///   - window: over what time: day, week, month, year or lifetime.
    ///   - priority: 0 to 100; the lower is used the earlier, below 50 before the limit's own
    ///     units.
    ///   - expiresAt: when what is left of them is gone; nil for never.
    ///   - reason: why.
    /// - Returns: the units, with the id that ``revokeTopUp(_:tenant:reason:)`` takes.
    /// - Throws: ``WeirError``: `not_found`, `invalid`, and `conflict` where no limit bounds the
    ///   meter or has as many top-ups as it can.
    @discardableResult
    public func grantTopUp(
        _ units: Int64,
        tenant: TenantID,
        meter: MeterID,
        window: Window,
        priority: Int = TopUp.planPriority,
        expiresAt: Timestamp? = nil,
        reason: String? = nil
    ) async throws(WeirError) -> AllowanceGrant {
        guard (1...Amount.maximum).contains(units) else {
            throw .invalid("units", "must be 1 to \(Amount.maximum)")
        }
        guard TopUp.priorities.contains(priority) else {
            let range = TopUp.priorities
            throw .invalid("priority", "must be \(range.lowerBound) to \(range.upperBound)")
        }
        try RequestCheck.future(expiresAt, now: try openNode().now)
        return try await asking { (node) async throws(NodeError) in
            let topUp = TopUp(
                id: try node.topUpID(idempotencyKey: nil), granted: units, priority: priority,
                expiresAt: expiresAt, grantedAt: node.now, reason: reason)
            return
                try await node.grant(
                    topUp, to: tenant, meter: meter, window: window,
                    note: AuditDraft(action: "grant.create", reason: reason)
                )
                .grant
        }
    }

    /// The units on top of a tenant's limits in their current periods, carried or granted.
    ///
    /// - Parameter tenant: the tenant.
    /// - Returns: all of them, by id, also those of which nothing is left.
    /// - Throws: ``WeirError``: `not_found`.
    public func grants(of tenant: TenantID) async throws(WeirError) -> [AllowanceGrant] {
        try await asking { (node) async throws(NodeError) in
            try await node.allowanceGrants(of: tenant).sorted { $0.id < $1.id }
        }
    }

    /// Lets what is left of a top-up expire now.
    ///
    /// - Parameters:
    ///   - id: the top-up's id.
    ///   - tenant: whose it is.
    ///   - reason: why.
    /// - Throws: ``WeirError``: `not_found`, also for one that has expired.
    public func revokeTopUp(
        _ id: TopUpID,
        tenant: TenantID,
        reason: String? = nil
    ) async throws(WeirError) {
        try await asking { (node) async throws(NodeError) in
            try await node.revoke(
                id, of: tenant, note: AuditDraft(action: "grant.revoke", reason: reason))
        }
    }
}
