public import QuotaModel

/// A series of billing periods whose rule changed over time.
///
/// A change of zone or anchor takes effect at the next boundary: the period in which it is
/// decided keeps its end, and the next one starts exactly there and ends at the first boundary of
/// the new rule after it, so it may be short. The periods still tile. A timeline is a value:
/// the same changes in the same order give the same periods, whenever they are asked for.
public struct BillingTimeline: Hashable, Sendable {
    /// A rule and the time from which it governs.
    public struct Segment: Hashable, Sendable {
        /// The first instant the rule governs; `distantPast` for the first rule.
        public let start: Timestamp
        /// When the change was decided; `distantPast` for the first rule.
        public let decidedAt: Timestamp
        /// The rule.
        public let rule: PeriodRule
        /// The caller's number for this rule, stored with each period made from it.
        public let revision: Int64
    }

    /// Oldest first, never empty; both `start` and `decidedAt` never decrease.
    public private(set) var segments: [Segment]

    /// Creates a timeline with one rule for all time.
    public init(rule: PeriodRule, revision: Int64 = 1) {
        segments = [
            Segment(start: .distantPast, decidedAt: .distantPast, rule: rule, revision: revision)
        ]
    }

    /// The rule that governs an instant.
    public func segment(governing instant: Timestamp) -> Segment {
        segments[position(governing: instant)]
    }

    /// The period that contains an instant, or nil outside an explicit table.
    public func period(containing instant: Timestamp) -> Period? {
        let position = position(governing: instant)
        let segment = segments[position]
        guard let whole = segment.rule.period(containing: instant) else { return nil }
        let isLast = position == segments.count - 1
        let limit = isLast ? Timestamp.distantFuture : segments[position + 1].start
        return Period(
            start: max(whole.start, segment.start),
            end: min(whole.end, limit),
            index: whole.index
        )
    }

    /// Replaces the rule from the end of the period that contains `instant`, when it is decided.
    ///
    /// A change that was decided earlier and has not taken effect yet is dropped.
    ///
    /// - Throws: `changeOutOfOrder` before an earlier change was decided, and
    ///   `outsideBoundaryTable` where an explicit table has no period or the new one none to
    ///   begin with.
    public mutating func change(
        to rule: PeriodRule,
        revision: Int64,
        decidedAt instant: Timestamp
    ) throws(CalendarError) {
        let last = segments[segments.count - 1]
        guard instant >= last.decidedAt else {
            throw CalendarError(
                .changeOutOfOrder,
                "a change decided at \(instant) comes after one decided at \(last.decidedAt);"
                    + " apply changes in the order of their decisions"
            )
        }
        var kept = self
        kept.segments.removeAll { $0.start > instant }
        guard let current = kept.period(containing: instant), current.end < .distantFuture,
            rule.period(containing: current.end) != nil
        else {
            throw CalendarError(
                .outsideBoundaryTable,
                "no period to change at \(instant): extend the boundary table to cover it and"
                    + " the period after"
            )
        }
        kept.segments.append(
            Segment(start: current.end, decidedAt: instant, rule: rule, revision: revision)
        )
        self = kept
    }

    /// The position of the last segment that starts at or before an instant.
    private func position(governing instant: Timestamp) -> Int {
        // The first segment starts before all time, and the latest is asked for most.
        segments.lastIndex { $0.start <= instant } ?? 0
    }
}
