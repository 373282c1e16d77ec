import QuotaModel

/// The end of a period under a rollover policy: what was used of what, what goes on, what expires.
///
/// Pure, so a provisional carry is computed from what is known so far and computed again when
/// late grants close: less use never carries less.
public struct RolloverClosing: Hashable, Sendable {
    /// The index of the period that ends.
    public let index: Int64
    /// The units its plan gave.
    public let allowance: Int64
    /// The lots carried into it, the oldest origin first.
    public let lots: [CarriedLot]
    /// The policy of its plan; nil carries nothing new and lets old lots live out their age.
    public let policy: RolloverPolicy?
    /// The allowance and all lots together.
    public let capacity: Int64

    /// Creates a closing.
    ///
    /// - Throws: `quantityOutOfRange` when a quantity is negative or the sum does not fit 64 bits.
    public init(
        index: Int64,
        allowance: Int64,
        lots: [CarriedLot] = [],
        policy: RolloverPolicy?
    ) throws(CalendarError) {
        var capacity = allowance
        var isValid = allowance >= 0
        for lot in lots {
            let (sum, overflow) = capacity.addingReportingOverflow(lot.units)
            isValid = isValid && lot.units > 0 && lot.isAgeValid && !overflow
            capacity = sum
        }
        guard isValid else {
            throw CalendarError(
                .quantityOutOfRange,
                "an allowance is 0 or more, a carried lot has units and an age of 1 or more,"
                    + " and their sum fits 64 bits"
            )
        }
        self.index = index
        self.allowance = allowance
        // A change of rule counts periods anew, so that the age says more than the index.
        self.lots = lots.sorted { ($0.age, $1.originIndex) > ($1.age, $0.originIndex) }
        self.policy = policy
        self.capacity = capacity
    }

    /// Closes the period.
    ///
    /// What is used is taken in the policy's burn order. What is left becomes a new lot, older
    /// lots age by one and expire past their highest age, and when the cap does not hold all, the
    /// oldest units expire: the carried units are `min(cap, unused)` and as young as can be.
    ///
    /// - Parameters:
    ///   - used: Units used in the period; what exceeds its capacity is overage.
    ///   - next: The period that opens.
    /// - Returns: What was used of what, what the next period inherits and what is gone.
    /// - Throws: `quantityOutOfRange` when `used` is negative.
    public func close(used: Int64, next: Next) throws(CalendarError) -> RolloverOutcome {
        guard used >= 0 else {
            throw CalendarError(.quantityOutOfRange, "use is 0 or more")
        }
        let carriedCapacity = capacity - allowance
        let covered = min(used, capacity)
        let planUsed =
            switch policy?.rollover.burnOrder ?? .planFirst {
            case .planFirst: min(covered, allowance)
            case .carriedFirst: covered - min(covered, carriedCapacity)
            }
        let carriedUsed = covered - planUsed
        var sieve = RolloverSieve(room: room(into: next), isForfeit: isForfeit(into: next))
        // The youngest first, so that the oldest find no room.
        sieve.add(newLot(units: allowance - planUsed))
        if policy == nil { sieve.expire(allowance - planUsed, of: index, because: .notCarried) }
        for lot in unusedLots(after: carriedUsed).reversed() {
            sieve.add(lot)
        }
        return RolloverOutcome(
            planUsed: planUsed,
            carriedUsed: carriedUsed,
            overage: used - covered,
            carried: sieve.carried.reversed(),
            expired: sieve.expired.reversed()
        )
    }

    /// The unused allowance as a lot that has not aged yet; nil when no policy carries it.
    private func newLot(units: Int64) -> CarriedLot? {
        guard let policy, units > 0 else { return nil }
        return CarriedLot(
            originIndex: index,
            units: units,
            age: 0,
            maxAgePeriods: policy.rollover.maxAgePeriods,
            policyVersion: policy.version
        )
    }

    /// What is left of the lots when `used` units are taken from the oldest first.
    private func unusedLots(after used: Int64) -> [CarriedLot] {
        var rest = used
        return lots.compactMap { lot in
            let taken = min(rest, lot.units)
            rest -= taken
            return taken == lot.units ? nil : lot.with(units: lot.units - taken)
        }
    }

    /// How many units may be carried; nil for any number.
    private func room(into next: Next) -> Int64? {
        guard let policy else { return nil }
        let own = policy.mostCarried(allowance: allowance, nextAllowance: next.allowance)
        guard case .newPlan(let newPolicy) = next.change, policy.rollover.onPlanChange == .cap
        else {
            return own
        }
        // A plan without a policy carries nothing.
        guard let newPolicy else { return 0 }
        let new = newPolicy.mostCarried(
            allowance: next.allowance, nextAllowance: next.allowance)
        guard let own, let new else { return own ?? new }
        return min(own, new)
    }

    private func isForfeit(into next: Next) -> Bool {
        if case .newPlan = next.change { policy?.rollover.onPlanChange == .forfeit } else { false }
    }
}
