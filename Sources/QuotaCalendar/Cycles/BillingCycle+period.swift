public import QuotaModel

extension BillingCycle {
    /// The period that contains an instant: on a boundary the one that begins there.
    ///
    /// The index is read off the wall clock in constant time and then corrected, by one at most
    /// unless the zone skips or repeats whole days there. `distantFuture` counts as the last
    /// instant before it, because periods are half-open.
    public func period(containing instant: Timestamp) -> Period {
        let instant = min(instant, Timestamp.distantFuture.adding(nanoseconds: -1))
        var index = estimatedIndex(at: instant)
        var start = boundary(index)
        var end = boundary(index + 1)
        while instant < start {
            index -= 1
            end = start
            start = boundary(index)
        }
        while end <= instant {
            index += 1
            start = end
            end = boundary(index + 1)
        }
        return Period(start: start, end: end, index: index)
    }

    /// The period that begins where `period` ends, or nil at the end of representable time.
    public func next(after period: Period) -> Period? {
        period.end == .distantFuture ? nil : self.period(containing: period.end)
    }

    /// The period that contains `instant` and those after it, `count` in all; fewer only at the
    /// end of representable time.
    public func periods(from instant: Timestamp, count: Int) -> [Period] {
        guard count > 0 else { return [] }
        var periods = [period(containing: instant)]
        while periods.count < count, let next = next(after: periods[periods.count - 1]) {
            periods.append(next)
        }
        return periods
    }

    /// The first period that begins at `instant` or after it, or nil at the end of time.
    public func firstPeriod(startingAtOrAfter instant: Timestamp) -> Period? {
        let current = period(containing: instant)
        return current.start == instant ? current : next(after: current)
    }

    /// The index of the last boundary at or before the local time of `instant`.
    ///
    /// Exact on the wall clock; the instant itself may lie in a neighbour, because near a
    /// transition wall clocks jump.
    private func estimatedIndex(at instant: Timestamp) -> Int64 {
        let local = zone.localSeconds(at: instant)
        let sinceAnchor = local - anchor.secondsSinceLocalEpoch
        switch interval {
        case .day: return sinceAnchor.flooredDivision(by: 86_400)
        case .week: return sinceAnchor.flooredDivision(by: 604_800)
        case .month, .year: break
        }
        let date = CivilDate(daysSinceEpoch: local.flooredDivision(by: 86_400))
        let estimate =
            interval == .month
            ? Int64(date.monthsSinceYearZero - anchor.date.monthsSinceYearZero)
            : Int64(date.year - anchor.date.year)
        guard let start = localBoundary(estimate) else { return estimate }
        return start <= local ? estimate : estimate - 1
    }
}
