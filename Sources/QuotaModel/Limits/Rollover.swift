/// How much of what a period leaves unused goes on into the next one, and for how long.
public struct Rollover: Hashable, Sendable {
    /// The most that may be carried into one period.
    public enum Cap: Hashable, Sendable {
        /// So many units.
        case units(Int64)
        /// So many percent of the allowance of the plan, rounded down.
        case percent(Int)
        /// As many as keep the next period's allowance and the carried units within this total.
        case total(Int64)
    }

    /// What is used up first.
    public enum BurnOrder: String, Hashable, Sendable, CaseIterable {
        /// The period's own allowance, then carried units, the oldest first.
        case planFirst = "plan_first"
        /// Carried units, the oldest first, then the period's own allowance.
        case carriedFirst = "carried_first"
    }

    /// What becomes of unused units when the plan changes at the boundary.
    public enum PlanChangeRule: String, Hashable, Sendable, CaseIterable {
        /// They are carried by the policy of the plan that ends.
        case keep
        /// They are carried by that policy, and no more than the new plan's policy allows.
        case cap
        /// They expire.
        case forfeit
    }

    /// What becomes of units that were used beyond what a period had.
    public enum OverageRule: String, Hashable, Sendable, CaseIterable {
        /// The next period knows nothing of them.
        case forgive
        /// They are taken off the next period.
        case carry
    }

    /// Why a rollover can't be had: which member, and what would be right.
    public struct Invalid: Error, Hashable, Sendable {
        /// The member as it is written.
        public let field: String
        /// What would be right, in words that follow the field's name.
        public let requirement: String
    }

    /// The highest age that may be asked for: ten years of months.
    public static let maximumAge = 120
    /// The highest percentage of a cap.
    public static let maximumPercent = 10_000

    /// The most that may be carried; nil for all of it.
    public let cap: Cap?
    /// Into how many periods after its own a unit may be carried, at least 1; nil for no end.
    public let maxAgePeriods: Int?
    /// What is used up first.
    public let burnOrder: BurnOrder
    /// What becomes of unused units when the plan changes.
    public let onPlanChange: PlanChangeRule
    /// What becomes of units used beyond what there was.
    public let overage: OverageRule

    /// Creates a rollover.
    ///
    /// - Throws: ``Invalid`` for a negative cap, a percentage above ``maximumPercent``, or an age
    ///   that is not from 1 to ``maximumAge``.
    public init(
        cap: Cap?,
        maxAgePeriods: Int? = 1,
        burnOrder: BurnOrder = .planFirst,
        onPlanChange: PlanChangeRule = .keep,
        overage: OverageRule = .forgive
    ) throws(Invalid) {
        let isCapValid =
            switch cap {
            case nil: true
            case .units(let units)?, .total(let units)?: (0...Amount.maximum).contains(units)
            case .percent(let percent)?: (0...Self.maximumPercent).contains(percent)
            }
        guard isCapValid else {
            throw Invalid(
                field: "cap",
                requirement: "must be 0 or more units, or 0 to \(Self.maximumPercent) percent")
        }
        if let maxAgePeriods, !(1...Self.maximumAge).contains(maxAgePeriods) {
            throw Invalid(
                field: "max_age_periods",
                requirement: "must be from 1 to \(Self.maximumAge), or null for no end; leave the "
                    + "rollover out to carry nothing")
        }
        self.cap = cap
        self.maxAgePeriods = maxAgePeriods
        self.burnOrder = burnOrder
        self.onPlanChange = onPlanChange
        self.overage = overage
    }
}
