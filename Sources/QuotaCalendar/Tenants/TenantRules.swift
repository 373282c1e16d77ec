public import QuotaModel

/// What a tenant's periods are computed from.
public struct TenantRules: Hashable, Sendable {
    /// The tenant's time zone.
    public let zone: ZoneRules
    /// Where billing months and years begin on the wall clock; nil for those of the calendar.
    public let anchor: LocalDateTime?
    /// How often the tenant is billed.
    public let billingInterval: BillingInterval
    /// The caller's number for these rules, stored with each period made from them.
    public let revision: Int64

    /// Creates rules.
    public init(
        zone: ZoneRules,
        anchor: LocalDateTime? = nil,
        billingInterval: BillingInterval = .month,
        revision: Int64
    ) {
        self.zone = zone
        self.anchor = anchor
        self.billingInterval = billingInterval
        self.revision = revision
    }

    /// The cycle of one of the tenant's series.
    func cycle(of series: TenantCalendar.Series) -> BillingCycle {
        switch series {
        case .day: .calendar(zone: zone, interval: .day)
        case .week: .calendar(zone: zone, interval: .week)
        case .month: anchored(every: .month)
        case .year: anchored(every: .year)
        case .billing: anchored(every: billingInterval)
        }
    }

    private func anchored(every interval: BillingInterval) -> BillingCycle {
        guard let anchor else { return .calendar(zone: zone, interval: interval) }
        return BillingCycle(zone: zone, anchor: anchor, interval: interval)
    }
}
