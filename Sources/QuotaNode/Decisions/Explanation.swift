import QuotaEngine
import QuotaLedger
import QuotaModel

/// What a decision says beside yes or no.
struct Explanation: Sendable {
    let tenant: TenantID
    let key: APIKeyID?
    let plan: PlanID
    /// What the caller should know, whatever is decided.
    let warnings: [String]
    let demands: [Demand]
    /// Where a larger limit is looked for when one refuses.
    let plans: [Plan]
    let isEnforced: Bool
    let id: String

    /// The decision on the balances of each limit.
    func decision(
        isAllowed: Bool,
        violations: [Violation],
        states: [LimitState],
        now: Timestamp
    ) -> Decision {
        decision(
            isAllowed: isAllowed, violations: violations,
            limits: zip(demands, states).map { $0.status(state: $1, now: now) }, now: now)
    }

    /// A decision whose limits are known as callers see them.
    func decision(
        isAllowed: Bool,
        violations: [Violation],
        limits: [LimitStatus],
        now: Timestamp
    ) -> Decision {
        let refusal =
            isAllowed ? nil : Refusal(violations: violations, demands: demands, plans: plans)
        let enforcedViolations = violations.filter(\.isEnforced)
        return Decision(
            isAllowed: isAllowed,
            isEnforced: isEnforced,
            id: id,
            tenant: tenant,
            key: key,
            plan: plan,
            asOf: now,
            limits: limits,
            deniedBy: refusal,
            violated: isAllowed ? [] : enforcedViolations.map { demands[$0.index].limit.name },
            warnings: warnings + softWarnings(limits) + shadowWarnings(violations))
    }

    private func softWarnings(_ limits: [LimitStatus]) -> [String] {
        limits.compactMap { limit in
            guard limit.warns, limit.isApproaching, let quantity = limit.limit else { return nil }
            return "\(limit.id) has reached its soft limit: \(limit.used) of \(quantity) used"
        }
    }

    private func shadowWarnings(_ violations: [Violation]) -> [String] {
        violations.filter { !$0.isEnforced }
            .map { violation in
                "\(demands[violation.index].limit.name) is in shadow mode and would have refused"
            }
    }
}
