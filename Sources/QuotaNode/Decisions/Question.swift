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
        holds: Bool,
        plans: [Plan],
        isEnforced: Bool,
        id: String
    ) {
        self.subject = subject
        self.plans = plans
        self.isEnforced = isEnforced
        self.id = id
        let limits = subject.entry.entitlements.applicable(
            to: charges.map(\.meter), model: model, holds: holds)
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
            decision: explanation.decision(
                isAllowed: outcome.isAdmitted, violations: outcome.violations,
                states: outcome.states, now: outcome.now),
            reservation: outcome.reservation)
    }

    func decision(_ view: LimitView) -> Decision {
        let refuses = isEnforced && view.violations.contains(where: \.isEnforced)
        return explanation.decision(
            isAllowed: !refuses, violations: view.violations, states: view.states, now: view.now)
    }

    private var explanation: Explanation {
        let entry = subject.entry
        return Explanation(
            tenant: entry.tenant.id, key: subject.keyID, plan: entry.entitlements.plan,
            warnings: entry.entitlements.warnings + subject.warnings, demands: demands,
            plans: plans, isEnforced: isEnforced, id: id)
    }
}
