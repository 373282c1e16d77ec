import QuotaEngine
import QuotaLedger
public import QuotaModel

// Decisions that need nobody else.
extension QuotaNode {
    /// Decides a request on its lane.
    ///
    /// - Returns: nil when somebody else has to be asked, and then nothing was taken.
    func decideAtOnce(_ request: DecisionRequest, takes: Bool = true) -> ImmediateDecision? {
        guard let request = LaneRequest(request) else { return nil }
        return leases.decide(request, takes: takes, at: leases.instant)
    }

    /// Decides a request where nobody else is needed, neither the ledger nor the disk.
    ///
    /// - Parameters:
    ///   - request: what is asked, without an idempotency key.
    ///   - takes: whether units are taken, or only looked at.
    /// - Returns: nil when ``decide(_:idempotency:)`` has to be asked, and then nothing was taken.
    public func immediateDecision(
        _ request: DecisionRequest,
        takes: Bool
    ) -> ImmediateDecision? {
        guard let request = LaneRequest(request) else { return nil }
        return immediateDecision(request, takes: takes)
    }

    /// Decides a request that lanes take, where nobody else is needed.
    package func immediateDecision(
        _ request: borrowing LaneRequest,
        takes: Bool
    ) -> ImmediateDecision? {
        // Nobody waits here.
        if takes, leases.journal.isDurable { return nil }
        return leases.decide(request, takes: takes, at: leases.instant)
    }

    /// Lets the next request like this one be decided on a lane.
    func openLane(_ prepared: Prepared, _ question: Question) {
        let request = prepared.item.request
        guard settings.isEnforced, prepared.item.idempotency == nil, request.hold == nil,
            let lane = LaneRequest(
                tenant: request.tenant, key: request.key, model: request.model,
                charges: prepared.charges)
        else { return }
        let entry = question.subject.entry
        leases.openLane(
            for: lane, in: leases.shard(of: entry.tenant),
            validUntil: entry.validUntil(ttlNanoseconds: settings.cacheTTLNanoseconds),
            shape: {
                let meters = directory.meters
                return LaneShape(
                    tenant: request.tenant, key: request.key, model: request.model,
                    meters: prepared.charges.map {
                        .init(id: $0.meter, recording: meters[$0.meter]?.recording ?? .event)
                    }, limits: question.demands.map(\.limit), plan: entry.entitlements.plan,
                    warnings: entry.entitlements.warnings)
            }, isCurrent: { directory.isCurrent(entry) })
    }

    /// A decision as callers see it.
    public func decision(_ lane: ImmediateDecision) -> Decision {
        let form = lane.subject.form
        let demands = form.limits.indices.map { index in
            Demand(
                limit: form.limits[index],
                amount: form.meterOfLimit[index] == 0 ? lane.amounts.first : lane.amounts.second)
        }
        return Explanation(
            tenant: lane.subject.tenant, key: lane.subject.key, plan: form.plan,
            warnings: form.warnings, demands: demands,
            plans: lane.isAdmitted ? [] : directory.plans, isEnforced: true, id: lane.id
        )
        .decision(
            isAllowed: lane.isAdmitted, violations: lane.violations,
            limits: demands.indices.map { demands[$0].status(lane.figures($0)) }, now: lane.asOf)
    }
}

extension LaneRequest {
    /// A request that takes or looks at units, and says no more of them; nil for another one.
    init?(_ request: DecisionRequest) {
        guard request.plan == nil, request.hold == nil, request.metadata == nil else { return nil }
        self.init(
            tenant: request.tenant, key: request.key, model: request.model,
            charges: request.charges)
    }

    /// A request for units of one or two meters; nil for another one.
    init?(tenant: TenantID, key: APIKeyID?, model: ModelName?, charges: [Charge]) {
        guard 1...LaneForm.maximumMeters ~= charges.count else { return nil }
        self.init(
            checking: tenant, key: key, model: model, first: charges[0],
            second: charges.count == 2 ? charges[1] : nil)
    }

    /// A request for units of one or two meters; nil when these are the same meter, and for amounts
    /// that nobody may ask for.
    package init?(
        checking tenant: TenantID,
        key: APIKeyID?,
        model: ModelName?,
        first: Charge,
        second: Charge?
    ) {
        guard 1...Amount.maximum ~= first.amount else { return nil }
        if let second {
            guard 1...Amount.maximum ~= second.amount, second.meter != first.meter else {
                return nil
            }
        }
        self.init(tenant: tenant, key: key, model: model, first: first, second: second)
    }
}

extension DecisionRequest {
    /// What lanes take, as everybody else does.
    init(_ lane: LaneRequest) {
        var charges = [Charge(meter: lane.first, amount: lane.amounts.first)]
        if !lane.second.text.isEmpty {
            charges.append(
                Charge(meter: MeterID(trusted: lane.second.text), amount: lane.amounts.second))
        }
        self.init(
            tenant: lane.tenant,
            key: lane.key.text.isEmpty ? nil : APIKeyID(trusted: lane.key.text),
            charges: charges,
            model: lane.model.text.isEmpty ? nil : ModelName(trusted: lane.model.text))
    }
}

// For who has a request again and again, and no use for the balances behind the answer.
extension QuotaNode {
    /// Takes units at once, where nobody else is needed.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - now: the wall clock.
    ///   - steady: the steady clock.
    /// - Returns: nil when somebody else has to be asked, and then nothing was taken. Nobody waits
    ///   for the disk.
    package func admit(
        _ request: borrowing LaneRequest,
        now: Timestamp,
        steady: Timestamp
    ) -> LaneAnswer? {
        leases.admit(request, now: now, steady: steady)
    }

    /// Takes units on a lane that was looked up before; see ``handle(of:)``.
    package func admit(
        _ handle: LaneHandle,
        _ amounts: LaneAmounts,
        now: Timestamp,
        steady: Timestamp
    ) -> LaneAnswer? {
        leases.admit(handle, amounts, now: now, steady: steady)
    }

    /// Where the lane of a request is; nil while there is none.
    package func handle(of request: LaneRequest) -> LaneHandle? { leases.handle(request) }

    /// Which lock a tenant is under, of how many.
    package func shard(of tenant: TenantID) -> (number: Int, count: Int) {
        (leases.place(of: leases.hash(tenant.exact)), leases.shards.count)
    }
}
