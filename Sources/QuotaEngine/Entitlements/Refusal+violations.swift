public import QuotaModel

extension Refusal {
    /// The refusal that a caller hears of: the violated limit that takes longest to recover.
    ///
    /// A retry before then would be refused again, so a shorter wait would mislead.
    ///
    /// - Returns: nil when no enforced limit is violated.
    public init?(violations: [Violation], demands: [Demand], plans: [Plan]) {
        let enforced = violations.filter(\.isEnforced)
        guard
            let worst = enforced.max(by: { left, right in
                (left.retryAfterNanoseconds ?? .max) < (right.retryAfterNanoseconds ?? .max)
            })
        else { return nil }
        let demand = demands[worst.index]
        self.init(
            limitID: demand.limit.name,
            requested: demand.amount,
            available: worst.available,
            retryAfterNanoseconds: worst.retryAfterNanoseconds,
            reason: demand.limit.limit.window.kind == .rate ? .rateExceeded : .quotaExceeded,
            upgrade: Upgrade(for: demand, available: worst.available, plans: plans))
    }
}

extension Refusal.Upgrade {
    /// The smallest plan under which the demand would have passed; nil when no plan would do.
    init?(for demand: Demand, available: Int64, plans: [Plan]) {
        guard demand.limit.source == .plan, let quantity = demand.limit.limit.quantity else {
            return nil
        }
        let needed = quantity.addingReportingOverflow(demand.amount - available)
        guard !needed.overflow else { return nil }
        let candidates = plans.compactMap { plan -> (plan: Plan, quantity: Int64?)? in
            guard let limit = plan.limits.first(where: { $0.name == demand.limit.name }) else {
                return nil
            }
            let lets = limit.quantity.map { $0 >= needed.partialValue && $0 > quantity } ?? true
            return lets ? (plan, limit.quantity) : nil
        }
        let smallest = candidates.min { left, right in
            let (leftSize, rightSize) = (left.quantity ?? .max, right.quantity ?? .max)
            if leftSize != rightSize { return leftSize < rightSize }
            return left.plan.weight < right.plan.weight
        }
        guard let smallest else { return nil }
        self.init(plan: smallest.plan.id, limit: smallest.quantity)
    }
}
