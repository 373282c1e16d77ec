public import QuotaCalendar
public import QuotaModel

extension TenantCalendar {
    /// The periods of a tenant.
    ///
    /// Zones and tables are checked when a tenant is created; a time-zone database that has lost
    /// one since must not stop the tenant's limits, and UTC takes its place.
    public init(_ tenant: Tenant) {
        self.init(
            zone: tenant.timeZone, anchor: tenant.billingAnchor,
            interval: tenant.billingInterval, boundaries: tenant.billingBoundaries,
            revision: tenant.revision)
    }

    /// The periods of the limits that an organization's tenants share.
    public init(_ organization: Organization) {
        self.init(
            zone: organization.timeZone, anchor: organization.billingAnchor,
            interval: organization.billingInterval, boundaries: organization.billingBoundaries,
            revision: organization.revision)
    }

    private init(
        zone: String,
        anchor: LocalDateTime?,
        interval: Tenant.BillingInterval,
        boundaries: [LocalDateTime],
        revision: Int64
    ) {
        let zone = (try? ZoneRules(zone)) ?? .utc
        self.init(
            zone: zone,
            anchor: anchor,
            billingInterval: interval.calendarInterval,
            table: boundaries.isEmpty
                ? nil : try? BoundaryTable(zone: zone, boundaries: boundaries),
            revision: revision)
    }
}

extension Tenant.BillingInterval {
    fileprivate var calendarInterval: BillingInterval {
        switch self {
        case .week: .week
        case .month: .month
        case .year: .year
        }
    }
}
