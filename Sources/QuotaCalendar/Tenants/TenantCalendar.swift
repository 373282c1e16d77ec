public import QuotaModel

/// The periods of one tenant's limits: the server's entry point to this module.
///
/// Days and weeks follow the tenant's zone (midnight, Monday); months and years follow the zone
/// and the billing anchor, or the calendar when there is no anchor. With an anchor, a year is the
/// fiscal year that begins on its month and day. Asking costs 0.2 to 1.3 µs, most in
/// zones with irregular summer time; who asks often keeps the period and asks again when
/// it no longer contains the instant.
public struct TenantCalendar: Hashable, Sendable {
    /// The rules in force, or decided and about to be.
    public private(set) var rules: TenantRules

    /// One timeline per series, by `Series.rawValue`; empty as long as nothing ever changed.
    private var timelines: [BillingTimeline] = []

    /// Creates a calendar.
    ///
    /// - Parameters:
    ///   - zone: The tenant's time zone.
    ///   - anchor: Where billing months and years begin; nil for those of the calendar.
    ///   - billingInterval: How often the tenant is billed.
    ///   - revision: The caller's number for these rules.
    public init(
        zone: ZoneRules,
        anchor: LocalDateTime? = nil,
        billingInterval: BillingInterval = .month,
        revision: Int64 = 1
    ) {
        rules = TenantRules(
            zone: zone,
            anchor: anchor,
            billingInterval: billingInterval,
            revision: revision
        )
    }

    /// The period of a limit's window that contains an instant.
    ///
    /// `Period.lifetime` for lifetime. Nil for rates, which are durations in UTC and have no
    /// periods, and for `none` (an allocation has one account for good) and
    /// `concurrent`, which has none.
    public func period(of window: Window, containing instant: Timestamp) -> Period? {
        switch window {
        case .day: period(in: .day, containing: instant)
        case .week: period(in: .week, containing: instant)
        case .month: period(in: .month, containing: instant)
        case .year: period(in: .year, containing: instant)
        case .lifetime: .lifetime
        case .second, .minute, .hour, .none, .concurrent: nil
        }
    }

    /// The billing period that contains an instant.
    public func billingPeriod(containing instant: Timestamp) -> Period {
        period(in: .billing, containing: instant)
    }

    /// The revision of the rules from which the period of `window` at an instant is made.
    public func revision(of window: Window, at instant: Timestamp) -> Int64 {
        guard let series = Series(window), !timelines.isEmpty else { return rules.revision }
        return timelines[series.rawValue].segment(governing: instant).revision
    }

    /// Changes zone, anchor or interval from the next boundary of each window on.
    ///
    /// To rebuild a calendar from storage, create it with its first rules and apply its changes
    /// in order.
    ///
    /// - Throws: `changeOutOfOrder` when an earlier change was decided after `instant`.
    public mutating func change(
        to newRules: TenantRules,
        decidedAt instant: Timestamp
    ) throws(CalendarError) {
        var changed: [BillingTimeline] = []
        for series in Series.allCases {
            var timeline =
                timelines.isEmpty
                ? BillingTimeline(rule: .cycle(rules.cycle(of: series)), revision: rules.revision)
                : timelines[series.rawValue]
            try timeline.change(
                to: .cycle(newRules.cycle(of: series)),
                revision: newRules.revision,
                decidedAt: instant
            )
            changed.append(timeline)
        }
        timelines = changed
        rules = newRules
    }

    private func period(in series: Series, containing instant: Timestamp) -> Period {
        guard !timelines.isEmpty,
            let period = timelines[series.rawValue].period(containing: instant)
        else { return rules.cycle(of: series).period(containing: instant) }
        return period
    }

    /// The series of periods a tenant has at once.
    enum Series: Int, CaseIterable {
        case day, week, month, year, billing

        init?(_ window: Window) {
            switch window {
            case .day: self = .day
            case .week: self = .week
            case .month: self = .month
            case .year: self = .year
            case .second, .minute, .hour, .lifetime, .none, .concurrent: return nil
            }
        }
    }
}
