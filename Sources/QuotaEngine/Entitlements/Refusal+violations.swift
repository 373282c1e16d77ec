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
            reason: demand.limit.limit.window.kind.reason,
            upgrade: Upgrade(
                named: demand, violations: enforced, demands: demands, plans: plans))
    }
}

extension Window.Kind {
    /// Why a limit of this kind refuses.
    fileprivate var reason: Refusal.Reason {
        switch self {
        case .rate: .rateExceeded
        case .budget, .allocation: .quotaExceeded
        case .concurrency: .concurrencyExceeded
        }
    }
}

extension Refusal.Upgrade {
    /// The smallest plan under which the whole request would have passed; nil when none would do.
    ///
    /// A plan that lacks a limit does not bound it. A plan that is smaller than today's in any
    /// limit of the request is no upgrade.
    init?(named: Demand, violations: [Violation], demands: [Demand], plans: [Plan]) {
        guard named.limit.isOfPlan, named.limit.limit.quantity != nil else { return nil }
        let missing = Dictionary(violations.map { ($0.index, $0) }) { first, _ in first }
        let candidates = plans.filter { plan in
            demands.indices.allSatisfy { index in
                demands[index].passes(under: plan, violation: missing[index])
            } && plan.limits.allSatisfy { $0.lets(demands) }
        }
        func quantity(_ plan: Plan) -> Int64? { plan.limit(named: named.limit.name)?.quantity }
        let smallest = candidates.min { left, right in
            let (leftSize, rightSize) = (quantity(left) ?? .max, quantity(right) ?? .max)
            if leftSize != rightSize { return leftSize < rightSize }
            return (left.weight, left.id) < (right.weight, right.id)
        }
        guard let smallest else { return nil }
        self.init(plan: smallest.id, limit: quantity(smallest))
    }
}

extension Demand {
    /// Whether this demand would pass, were the tenant on `plan`; what a key, an override or an
    /// organization limits, no plan mends.
    fileprivate func passes(under plan: Plan, violation: Violation?) -> Bool {
        guard limit.isOfPlan else { return violation == nil }
        guard let quantity = plan.limit(named: limit.name)?.quantity else { return true }
        guard let today = limit.limit.quantity else { return false }
        let (needed, overflow) = today.addingReportingOverflow(violation?.shortage ?? 0)
        return !overflow && quantity >= needed
    }
}

extension CompiledLimit {
    fileprivate var isOfPlan: Bool { source == .plan && organization == nil }
}

extension Limit {
    /// Whether this limit of another plan, were it unused, would let the request through.
    fileprivate func lets(_ demands: [Demand]) -> Bool {
        guard scope == .tenant, window.kind != .allocation,
            let demand = demands.first(where: { $0.limit.limit.meter == meter }),
            let most = window.kind == .rate ? effectiveBurst : quantity
        else { return true }
        // Only who holds is bounded by it.
        if window.kind == .concurrency {
            let holds = demands.contains { $0.limit.limit.window.kind == .concurrency }
            return !holds || demand.amount <= most
        }
        return demand.amount <= most
    }
}

extension Plan {
    fileprivate func limit(named name: String) -> Limit? {
        limits.first { ExactString($0.name) == ExactString(name) }
    }
}
