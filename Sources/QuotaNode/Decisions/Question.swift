import QuotaEngine
import QuotaLedger
import QuotaModel

/// A request with everything that is needed to turn the ledger's balances into a decision.
///
/// Pure, because it also runs inside the ledger's transaction, where the answer to an idempotent
/// request is made.
struct Question: Sendable {
    let subject: Subject
    let demands: [Demand]
    let plans: [Plan]
    let isEnforced: Bool
    let id: String

    init(
        _ subject: Subject,
        charges: [Charge],
        model: ModelName?,
        plans: [Plan],
        isEnforced: Bool,
        id: String
    ) {
        self.subject = subject
        self.plans = plans
        self.isEnforced = isEnforced
        self.id = id
        let limits = subject.entry.entitlements.applicable(
            to: charges.map(\.meter), model: model)
        demands = limits.map { limit in
            let amount = charges.first { $0.meter == limit.limit.meter }?.amount ?? 0
            return Demand(limit: limit, amount: amount)
        }
    }

    /// A question about limits that are chosen already.
    init(_ subject: Subject, of demands: [Demand], plans: [Plan], isEnforced: Bool, id: String) {
        self.subject = subject
        self.demands = demands
        self.plans = plans
        self.isEnforced = isEnforced
        self.id = id
    }

    /// The same question, had it asked for `amount` units.
    func asking(_ amount: Int64) -> Question {
        Question(
            subject, of: demands.map { Demand(limit: $0.limit, amount: amount) }, plans: plans,
            isEnforced: isEnforced, id: id)
    }

    func outcome(_ outcome: AdmitOutcome) -> DecisionOutcome {
        DecisionOutcome(
            decision: decision(
                isAllowed: outcome.isAdmitted, violations: outcome.violations,
                states: outcome.states, now: outcome.now),
            reservation: outcome.reservation)
    }

    func decision(_ view: LimitView) -> Decision {
        let refuses = isEnforced && view.violations.contains(where: \.isEnforced)
        return decision(
            isAllowed: !refuses, violations: view.violations, states: view.states, now: view.now)
    }

    /// The decision on the balances of each limit.
    func decision(
        isAllowed: Bool,
        violations: [Violation],
        states: [LimitState],
        now: Timestamp
    ) -> Decision {
        let entry = subject.entry
        return Explanation(
            tenant: entry.tenant.id, key: subject.keyID, plan: entry.entitlements.plan,
            warnings: entry.entitlements.warnings + subject.warnings, demands: demands,
            plans: plans, isEnforced: isEnforced, id: id
        )
        .decision(isAllowed: isAllowed, violations: violations, states: states, now: now)
    }
}

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
