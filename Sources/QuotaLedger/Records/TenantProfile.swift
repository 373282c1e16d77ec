public import QuotaModel

/// A tenant with what its limits are compiled from, beside its plan.
public struct TenantProfile: Hashable, Sendable {
    /// The tenant.
    public let tenant: Tenant
    /// Its overrides, expired ones too.
    public let overrides: [LimitOverride]
    /// Its organization, where there is such.
    public let organization: Organization?

    /// Creates a profile.
    public init(tenant: Tenant, overrides: [LimitOverride], organization: Organization?) {
        self.tenant = tenant
        self.overrides = overrides
        self.organization = organization
    }
}

extension Ledger {
    /// Reads one after the other.
    public func profile(of id: TenantID) async throws(LedgerError) -> TenantProfile? {
        guard let tenant = try await tenant(id) else { return nil }
        var organization: Organization?
        if let name = tenant.organization {
            organization = try await self.organization(OrganizationID(trusted: name))
        }
        return TenantProfile(
            tenant: tenant,
            overrides: try await overrides(
                of: id, after: nil, limit: LimitOverride.maximumPerTenant),
            organization: organization)
    }
}
