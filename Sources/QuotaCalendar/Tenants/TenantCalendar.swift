public import QuotaModel

/// The periods of one tenant's limits: the server's entry point to this module.
///
/// Days and weeks follow the tenant's zone (midnight, Monday); months and years follow the zone
/// and the billing anchor, or the calendar when there is no anchor. With an anchor, a year is the
/// fiscal year that begins on its month and day, and who is billed by the week has weeks that
/// begin at it. Asking costs 0.2 to 1.3 µs, most in zones with irregular summer time; who asks
/// often keeps the period and asks again when it no longer contains the instant.
///
/// A change of zone, anchor or table takes effect at the next boundary, which is kept where
/// accounts are: one that is open keeps its end, and the next one starts there.
public struct TenantCalendar: Hashable, Sendable {
    /// The tenant's time zone.
    public let zone: ZoneRules
    /// Where billing periods begin on the wall clock; nil for those of the calendar.
    public let anchor: LocalDateTime?
    /// How often the tenant is billed.
    public let billingInterval: BillingInterval
    /// The billing periods one by one, where no rule describes them; outside it the rule holds.
    public let table: BoundaryTable?
    /// The caller's number for these rules, stored with each period made from them.
    public let revision: Int64

    /// Creates a calendar.
    ///
    /// - Parameters:
    ///   - zone: The tenant's time zone.
    ///   - anchor: Where billing periods begin; nil for those of the calendar.
    ///   - billingInterval: How often the tenant is billed.
    ///   - table: The billing periods one by one.
    ///   - revision: The caller's number for these rules.
    public init(
        zone: ZoneRules,
        anchor: LocalDateTime? = nil,
        billingInterval: BillingInterval = .month,
        table: BoundaryTable? = nil,
        revision: Int64 = 1
    ) {
        self.zone = zone
        self.anchor = anchor
        self.billingInterval = billingInterval
        self.table = table
        self.revision = revision
    }

    /// The period of a limit's window that contains an instant.
    ///
    /// `Period.lifetime` for lifetime. Nil for rates, which are durations in UTC and have no
    /// periods, and for `none` (an allocation has one account for good) and
    /// `concurrent`, which has none.
    public func period(of window: Window, containing instant: Timestamp) -> Period? {
        switch window {
        case .day: period(every: .day, containing: instant)
        case .week: period(every: .week, containing: instant)
        case .month: period(every: .month, containing: instant)
        case .year: period(every: .year, containing: instant)
        case .lifetime: .lifetime
        case .second, .minute, .hour, .none, .concurrent: nil
        }
    }

    /// Whether its periods are those of another calendar, whatever both are numbered.
    public func hasPeriods(of other: TenantCalendar) -> Bool {
        zone == other.zone && anchor == other.anchor && billingInterval == other.billingInterval
            && table == other.table
    }

    /// The billing period that contains an instant.
    public func billingPeriod(containing instant: Timestamp) -> Period {
        period(every: billingInterval, containing: instant)
    }

    private func period(
        every interval: BillingInterval,
        containing instant: Timestamp
    ) -> Period {
        let period = cycle(every: interval).period(containing: instant)
        guard interval == billingInterval, let table else { return period }
        return table.period(containing: instant) ?? period.clipped(outside: table, at: instant)
    }

    private func cycle(every interval: BillingInterval) -> BillingCycle {
        let isAnchored =
            switch interval {
            case .day: false
            case .week: billingInterval == .week
            case .month, .year: true
            }
        guard isAnchored, let anchor else { return .calendar(zone: zone, interval: interval) }
        return BillingCycle(zone: zone, anchor: anchor, interval: interval)
    }
}

extension Period {
    /// The part of a period that lies on the same side of a table as an instant outside it.
    fileprivate func clipped(outside table: BoundaryTable, at instant: Timestamp) -> Period {
        guard let first = table.boundaries.first, let last = table.boundaries.last else {
            return self
        }
        return instant < first
            ? Period(start: start, end: min(end, first), index: index)
            : Period(start: max(start, last), end: end, index: index)
    }
}
