import QuotaCalendar
import QuotaEngine
import QuotaLedger
public import QuotaModel

// The plan of a tenant, now and later.
extension QuotaNode {
    /// Applies what is asked of a tenant's plan.
    ///
    /// - Throws: `invalid` for an instant that is over.
    func apply(
        _ request: PlanRequest,
        to tenant: inout Tenant,
        periodEnd: Timestamp
    ) throws(NodeError) {
        let (now, request) = (now, request.meant)
        if case .some(nil) = request.trial { try apply(trial: nil, to: &tenant, now: now) }
        let resolved = tenant.plan(at: now)
        var changesPlan = false
        if let plan = request.plan?.canonical, plan != resolved.canonical {
            // One that does not exist has the limits of the fallback.
            let isDowngrade =
                (directory.plan(plan) ?? directory.plan(.fallback))?
                .isDowngrade(from: directory.resolvePlan(tenant, now: now).plan) ?? false
            // With a trial it is the plan after that.
            let usual: PlanRequest.When = isDowngrade ? .periodEnd : .now
            let when = request.beginsTrial ? .now : request.when ?? usual
            if when == .now {
                tenant.setPlan(plan, since: now, now: now)
            } else if let end = tenant.trialEnd(at: now) {
                // Nobody has paid for what is tried beyond its end.
                tenant.setPlan(plan, since: end, now: now, reason: .trialEnd)
            } else {
                tenant.setPlan(plan, since: periodEnd, now: now)
            }
            changesPlan = true
        } else if let plan = request.plan?.canonical, request.scheduled == nil,
            request.trial == nil,
            tenant.lastPlan.canonical != plan
        {
            // Who asks for the plan that holds wants nothing else later: also who tries it.
            tenant.setPlan(resolved, since: now, now: now)
        }
        if case .some(let trial?) = request.trial {
            try apply(trial: trial, to: &tenant, now: now)
        }
        // A change asked for besides is not the one that is to be dropped.
        if case .some(let scheduled) = request.scheduled, scheduled != nil || !changesPlan {
            try apply(scheduled: scheduled, to: &tenant, now: now)
        }
    }

    /// Applies what is asked of the plan of a tenant that is new: what begins now has always been.
    func begin(_ request: PlanRequest, _ tenant: inout Tenant) throws(NodeError) {
        let request = request.meant
        if let plan = request.plan { tenant.firstPlan = plan.canonical }
        if case .some(let trial?) = request.trial {
            guard trial.at > now else {
                throw .invalid(field: "trial.ends_at", "must lie in the future")
            }
            let after = tenant.firstPlan
            tenant.firstPlan = trial.plan.canonical
            tenant.setPlan(after, since: trial.at, now: now, reason: .trialEnd)
        }
        if case .some(let scheduled?) = request.scheduled {
            try apply(scheduled: scheduled, to: &tenant, now: now)
        }
    }

    /// Notes with each change of plan what the plan before gives.
    func noteQuantities(_ tenant: inout Tenant) {
        tenant.noteQuantities { plan in
            (directory.plan(plan) ?? directory.plan(.fallback))?.quantities
        }
    }

    private func apply(
        trial: PlanRequest.Dated?,
        to tenant: inout Tenant,
        now: Timestamp
    ) throws(NodeError) {
        let end = tenant.trialEnd(at: now)
        guard let trial else {
            if end != nil { tenant.setPlan(tenant.lastPlan, since: now, now: now) }
            return
        }
        if end == trial.at, tenant.plan(at: now) == trial.plan.canonical { return }
        guard trial.at > now else {
            throw .invalid(field: "trial.ends_at", "must lie in the future")
        }
        tenant.beginTrial(of: trial.plan.canonical, until: trial.at, now: now)
    }

    private func apply(
        scheduled: PlanRequest.Dated?,
        to tenant: inout Tenant,
        now: Timestamp
    ) throws(NodeError) {
        let next = tenant.nextPlanStep(after: now)
        guard let scheduled else {
            guard let next, next.reason == .changed else { return }
            tenant.setPlan(tenant.plan(at: now), since: now, now: now)
            return
        }
        if next?.since == scheduled.at, next?.plan == scheduled.plan.canonical { return }
        guard scheduled.at > now else {
            throw .invalid(field: "scheduled_plan.at", "must lie in the future")
        }
        if let end = tenant.trialEnd(at: now), scheduled.at < end {
            throw .invalid(
                field: "scheduled_plan.at", "must not lie before the end of the trial, \(end)")
        }
        tenant.setPlan(scheduled.plan.canonical, since: scheduled.at, now: now)
    }

    /// When the billing period of a tenant ends: with its account, where there is one.
    func billingPeriodEnd(of tenant: Tenant) async throws(NodeError) -> Timestamp {
        let now = now
        let window = tenant.billingInterval.window
        let accounts = try await asking { () async throws(LedgerError) in
            try await ledger.accounts(of: tenant.id)
        }
        let current = accounts.filter { $0.window == window && $0.isTenantScope }
            .map(\.period.end).filter { $0 > now }.min()
        return current ?? TenantCalendar(tenant).billingPeriod(containing: now).end
    }
}
