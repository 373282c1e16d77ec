/// How much of what a period leaves unused goes on into the next one.
public struct RolloverPolicy: Hashable, Sendable {
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

    /// The most that may be carried.
    public let cap: Cap
    /// Into how many periods after its own a unit may be carried, at least 1; nil for no end.
    public let maxAgePeriods: Int?
    /// What is used up first.
    public let burnOrder: BurnOrder
    /// What becomes of unused units when the plan changes.
    public let onPlanChange: PlanChangeRule
    /// The version of this policy, pinned to each lot carried by it.
    public let version: Int64

    /// Creates a policy.
    ///
    /// - Throws: `quantityOutOfRange` for a negative cap, a percentage above 10,000 or an age
    ///   below 1.
    public init(
        cap: Cap,
        maxAgePeriods: Int? = 1,
        burnOrder: BurnOrder = .planFirst,
        onPlanChange: PlanChangeRule = .keep,
        version: Int64
    ) throws(CalendarError) {
        let isCapValid =
            switch cap {
            case .units(let units), .total(let units): units >= 0
            case .percent(let percent): (0...10_000).contains(percent)
            }
        guard isCapValid else {
            throw CalendarError(
                .quantityOutOfRange,
                "a rollover cap is 0 or more units, or 0 to 10,000 percent"
            )
        }
        if let maxAgePeriods, maxAgePeriods < 1 {
            throw CalendarError(
                .quantityOutOfRange,
                "max_age_periods is 1 or more; leave the rollover out to carry nothing"
            )
        }
        self.cap = cap
        self.maxAgePeriods = maxAgePeriods
        self.burnOrder = burnOrder
        self.onPlanChange = onPlanChange
        self.version = version
    }

    /// The most units carried from a plan of `allowance` into a period of `nextAllowance`.
    func mostCarried(allowance: Int64, nextAllowance: Int64) -> Int64 {
        switch cap {
        case .units(let units): units
        case .percent(let percent):
            Int64(clamping: Int128(allowance) * Int128(percent) / 100)
        case .total(let total): max(0, total - nextAllowance)
        }
    }
}
