import QuotaCalendar
import QuotaEngine
import QuotaLedger
public import QuotaModel

/// What an organization's tenants may use together, and have used.
public struct OrganizationUsage: Sendable {
    /// The organization.
    public let organization: Organization
    /// Budgets and rates.
    public let limits: [LimitStatus]
    /// What is held for good.
    public let allocations: [LimitStatus]
    /// The instant the figures are of.
    public let asOf: Timestamp
}

extension QuotaNode {
    /// An organization.
    public func organization(_ id: OrganizationID) async throws(NodeError) -> Organization {
        let found = try await asking { () async throws(LedgerError) in
            try await ledger.organization(id)
        }
        guard let found else { throw .notFound("organization \"\(id.text)\"") }
        return found
    }

    /// Organizations in the order of their ids, after `id`.
    public func organizations(
        after id: OrganizationID?,
        limit: Int
    ) async throws(NodeError) -> [Organization] {
        try await asking { () async throws(LedgerError) in
            try await ledger.organizations(after: id, limit: limit)
        }
    }

    /// Creates or replaces an organization; its limits hold at once.
    ///
    /// `mustBeNew` refuses to replace one.
    public func put(
        _ organization: Organization,
        mustBeNew: Bool = false,
        note: AuditDraft? = nil
    ) async throws(NodeError) -> Organization {
        try Self.checkPeriods(
            zone: organization.timeZone, boundaries: organization.billingBoundaries)
        try checkLimits(organization.limits)
        try await asking { () async throws(LedgerError) in
            // The periods in which nobody asked had what held then, and the present ones keep
            // their ends.
            guard let before = try await ledger.organization(organization.id) else { return }
            var view = before.view
            view.opensAll = !TenantCalendar(organization).hasPeriods(of: view.calendar)
            guard view.opensAll || before.limits.contains(where: { $0.rollover != nil })
            else { return }
            _ = try await ledger.commit([.refresh(view)])
        }
        let answer = try await run(
            mustBeNew ? .createOrganization(organization) : .putOrganization(organization),
            note?.note(subject: organization.id.text))
        guard case .changed(let revision) = answer else {
            throw .alreadyExists("organization \"\(organization.id.text)\"")
        }
        var stored = organization
        stored.revision = revision
        // Its tenants' limits are compiled from it.
        _ = directory.clear()
        try await asking { () async throws(LedgerError) in
            _ = try await ledger.commit([.refresh(stored.view)])
        }
        return stored
    }

    /// Deletes an organization that no tenant belongs to.
    public func deleteOrganization(
        _ id: OrganizationID,
        note: AuditDraft? = nil
    ) async throws(NodeError) {
        let members = try await tenants(of: id, after: nil, limit: 1)
        if let member = members.first {
            throw .conflict(
                "tenant \"\(member.id.text)\" belongs to organization \"\(id.text)\"; move its "
                    + "tenants elsewhere first")
        }
        guard case .changed = try await run(.deleteOrganization(id), note?.note(subject: id.text))
        else { throw .notFound("organization \"\(id.text)\"") }
        _ = directory.clear()
    }

    /// What an organization's tenants may use together, and have used.
    public func usage(of id: OrganizationID) async throws(NodeError) -> OrganizationUsage {
        let organization = try await organization(id)
        let view = try await leases.view(organization.view, in: leases.shard(of: id))
        let statuses = zip(organization.view.demands, view.states)
            .map { $0.status(state: $1, now: view.now) }
        return OrganizationUsage(
            organization: organization,
            limits: statuses.filter { $0.window.kind != .allocation },
            allocations: statuses.filter { $0.window.kind == .allocation },
            asOf: view.now)
    }
}

extension Organization {
    /// A look at its limits.
    fileprivate var view: ViewCommand {
        ViewCommand(
            tenant: AccountKey.owner(of: id),
            demands: Entitlements.limits(of: self).map { Demand(limit: $0, amount: 0) },
            calendar: TenantCalendar(self), organizationCalendar: TenantCalendar(self))
    }
}
