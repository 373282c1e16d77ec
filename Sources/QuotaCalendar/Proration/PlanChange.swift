public import QuotaModel

/// The arithmetic of a change of plan for one budget.
///
/// An upgrade acts at once: capacity grows by the difference, prorated over the rest of the
/// period. A downgrade acts at the boundary unless it is asked for at once; then capacity shrinks
/// by the prorated difference, which may leave less than was already used: nothing is clawed
/// back, and nothing more is granted. Rates are never prorated: give these only budgets.
public struct PlanChange: Hashable, Sendable {
    /// When a downgrade acts.
    public enum Downgrade: Hashable, Sendable {
        /// The next period opens with the new limit.
        case atBoundary
        /// This period shrinks too.
        case immediately
    }

    /// What a change does to the account of the current period.
    public struct Effect: Hashable, Sendable {
        /// When the new plan acts: the instant of the change, or the end of the period.
        public let actsAt: Timestamp
        /// Units to add to the capacity of the current period; negative to take away.
        public let capacityChange: Int64

        /// The capacity after the change of an account that has `capacity` now, be it from the
        /// plan, from earlier changes or carried over.
        ///
        /// - Throws: `quantityOutOfRange` when it does not fit 64 bits.
        public func applied(toCapacity capacity: Int64) throws(CalendarError) -> Int64 {
            let (sum, overflow) = capacity.addingReportingOverflow(capacityChange)
            if overflow {
                throw CalendarError(.quantityOutOfRange, "the new capacity does not fit 64 bits")
            }
            return sum
        }
    }

    /// Units per period of the plan before.
    public let oldLimit: Int64
    /// Units per period of the plan after.
    public let newLimit: Int64
    /// When it acts, if it is a downgrade.
    public let downgrade: Downgrade

    /// Creates a change.
    ///
    /// - Throws: `quantityOutOfRange` when a limit is negative.
    public init(
        from oldLimit: Int64,
        to newLimit: Int64,
        downgrade: Downgrade = .atBoundary
    ) throws(CalendarError) {
        guard oldLimit >= 0, newLimit >= 0 else {
            throw CalendarError(.quantityOutOfRange, "a limit is 0 or more")
        }
        self.oldLimit = oldLimit
        self.newLimit = newLimit
        self.downgrade = downgrade
    }

    /// What the change does when it is made at an instant of a period.
    ///
    /// The difference is prorated as a positive quantity and rounded down, so a change never moves
    /// a unit that the rest of the period does not fully pay for.
    public func effect(at instant: Timestamp, in period: Period) -> Effect {
        if newLimit < oldLimit && downgrade == .atBoundary {
            return Effect(actsAt: period.end, capacityChange: 0)
        }
        let difference = Proration.prorate(
            quantity: max(newLimit, oldLimit) - min(newLimit, oldLimit),
            over: period,
            from: instant
        )
        return Effect(
            actsAt: instant,
            capacityChange: newLimit < oldLimit ? -difference : difference
        )
    }
}
