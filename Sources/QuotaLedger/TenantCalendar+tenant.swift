public import QuotaCalendar
public import QuotaModel

extension TenantCalendar {
    /// The periods of a tenant.
    ///
    /// Zones are checked when a tenant is created; a time-zone database that has lost one since
    /// must not stop the tenant's limits, and UTC takes its place.
    public init(_ tenant: Tenant) {
        self.init(
            zone: (try? ZoneRules(tenant.timeZone)) ?? .utc,
            anchor: tenant.billingAnchor,
            billingInterval: tenant.billingInterval == .year ? .year : .month,
            revision: tenant.revision)
    }

    /// The periods of the limits that an organization's tenants share.
    public init(_ organization: Organization) {
        self.init(
            zone: (try? ZoneRules(organization.timeZone)) ?? .utc,
            anchor: organization.billingAnchor,
            billingInterval: organization.billingInterval == .year ? .year : .month,
            revision: organization.revision)
    }
}
