public import QuotaModel

/// An endless series of billing periods: an anchor on a wall clock, repeated every interval.
///
/// `boundary(n) = resolve(clampToMonthEnd(anchor + n intervals), zone)`, always from the original
/// anchor, so one on the 31st gives 28 February and then 31 March. Period n is
/// `[boundary(n), boundary(n + 1))`; n is negative before the anchor. A zone that skips a whole
/// day makes two boundaries equal; the empty period between them does not exist, and its index is
/// left out.
public struct BillingCycle: Hashable, Sendable {
    /// The zone whose wall clock the boundaries follow.
    public let zone: ZoneRules
    /// The start of period 0 on that wall clock.
    public let anchor: LocalDateTime
    /// How far apart the boundaries lie.
    public let interval: BillingInterval

    /// Creates a cycle.
    public init(zone: ZoneRules, anchor: LocalDateTime, interval: BillingInterval) {
        self.zone = zone
        self.anchor = anchor
        self.interval = interval
    }

    /// The cycle of the calendar itself.
    ///
    /// Days begin at midnight, weeks on Monday, months on the 1st and years on 1 January. Index 0
    /// begins in January 1970, that of weeks on Monday the 5th.
    public static func calendar(zone: ZoneRules, interval: BillingInterval) -> BillingCycle {
        let firstDay: Int64 = interval == .week ? 4 : 0
        let midnight = LocalDateTime(date: CivilDate(daysSinceEpoch: firstDay))!
        return BillingCycle(zone: zone, anchor: midnight, interval: interval)
    }

    /// The instant at which period n begins, clamped to the range of `Timestamp`.
    public func boundary(_ n: Int64) -> Timestamp {
        guard let local = localBoundary(n) else { return n < 0 ? .distantPast : .distantFuture }
        return zone.resolve(localSeconds: local)
    }

    /// Boundary n on the wall clock, in seconds since 1970-01-01T00:00; nil outside the years
    /// 1 to 9999.
    func localBoundary(_ n: Int64) -> Int64? {
        // From any anchor, this many days leave the calendar; nothing below can then overflow.
        guard n.magnitude <= 4_000_000 else { return nil }
        switch interval {
        case .day: return anchor.secondsSinceLocalEpoch + n * 86_400
        case .week: return anchor.secondsSinceLocalEpoch + n * 604_800
        case .month: return localBoundary(monthsFromAnchor: Int(n))
        case .year: return localBoundary(monthsFromAnchor: Int(n) * 12)
        }
    }

    private func localBoundary(monthsFromAnchor months: Int) -> Int64? {
        let month = anchor.date.monthsSinceYearZero + months
        guard (12..<120_000).contains(month) else { return nil }
        let lastDay = CivilDate.daysInMonth(year: month / 12, month: month % 12 + 1)
        let day = min(anchor.date.day, lastDay)
        let date = CivilDate(year: month / 12, month: month % 12 + 1, day: day)!
        return anchor.on(date).secondsSinceLocalEpoch
    }
}

extension CivilDate {
    /// Months from January of the year 0 to the month of this date.
    var monthsSinceYearZero: Int { year * 12 + month - 1 }
}
