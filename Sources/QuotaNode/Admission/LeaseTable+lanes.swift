package import QuotaEngine
package import QuotaLedger
package import QuotaModel

// What lanes need of the table, and what the table tells of them.
extension LeaseTable {
    /// Says all that is known of a tenant to its lanes.
    package mutating func armLanes(of tenant: TenantID, steady: Timestamp) {
        tenants.arm(tenant, steady: steady, epoch: epoch, omitted: omitted)
    }

    /// Closes the lanes of a tenant: what they were compiled from has changed.
    mutating func closeLanes(of tenant: TenantID) {
        tenants.closeLanes(of: tenant, epoch: epoch)
    }
}

extension Lanes {
    /// Whether the requests of a lane have to pass these limits, and no newer ones.
    fileprivate func passes(_ limits: [CompiledLimit], _ place: Int) -> Bool {
        form(place).limits == limits.map(\.shared)
            && limits.indices.allSatisfy { index in
                let cell = lanes[place].cells[index]
                return !cell.isBudget || homes[cell.place].revision == limits[index].revision
            }
    }

    /// The balances behind the limits of a lane whose cells are armed.
    func states(_ place: Int, steady: Timestamp) -> [LimitState] {
        (0..<lanes[place].count).compactMap { state(place, $0, steady: steady) }
    }

    /// The limits of a lane that refuse.
    func violations(
        _ place: Int,
        _ amounts: LaneAmounts,
        now: Timestamp,
        steady: Timestamp,
        lapsesAt: Timestamp
    ) -> [Violation] {
        let form = form(place)
        return form.limits.indices.compactMap { index in
            let amount = lanes[place].amount(index, amounts)
            let standing = standing(place, index, amount, steady: steady, lapsesAt: lapsesAt)
            guard case .refuses = standing, let state = state(place, index, steady: steady)
            else { return nil }
            return Demand(limit: form.limits[index], amount: amount)
                .violation(index: index, state: state, now: now)
        }
    }
}

// A node writes what its lanes admit without making values of it; who simulates one needs those.
extension LeaseTable {
    /// Decides a request on its lane.
    ///
    /// - Returns: what ``admit(_:now:steady:sequence:)`` returns; nil when it has to be asked.
    package mutating func admitOnLane(
        _ request: AdmitCommand,
        now: Timestamp,
        steady: Timestamp
    ) -> Admission? {
        guard let lane = LaneRequest(request), let place = tenants.place(of: lane) else {
            return nil
        }
        guard tenants.lanes.passes(request.demands.map(\.limit), place) else {
            closeLanes(of: request.tenant)
            return nil
        }
        let amounts = lane.amounts
        let outcome = tenants.lanes.judge(
            place, amounts, now: now, steady: steady, lapsesAt: lapsesAt)
        switch outcome {
        case .unknown: return nil
        case .refuses:
            return .refused(
                AdmitOutcome(
                    isAdmitted: false,
                    violations: tenants.lanes.violations(
                        place, amounts, now: now, steady: steady, lapsesAt: lapsesAt),
                    states: tenants.lanes.states(place, steady: steady), now: now,
                    reservation: nil, madeStoreCall: false))
        case .admits:
            tenants.take(place, amounts, steady: steady)
            let uses = request.charges.indices.map { meter in
                let leases = tenants.lanes.leases(of: meter, place)
                return ChargedUse(
                    charge: request.charges[meter], overage: 0,
                    leases: leases.map { lease in
                        GrantID(
                            holder: holder.name, incarnation: holder.incarnation,
                            sequence: lease.sequence)
                    }, accounts: leases.map(\.account))
            }
            let consumption = Consumption(
                id: request.decisionID, tenant: request.tenant, key: request.key,
                model: request.model, at: now, uses: uses, metadata: nil, idempotencyKey: nil,
                answer: nil)
            return .admitted(
                AdmitOutcome(
                    isAdmitted: true, violations: [],
                    states: tenants.lanes.states(place, steady: steady), now: now,
                    reservation: nil, madeStoreCall: false), .used(consumption))
        }
    }

    /// Lets the next request like this one be decided on a lane.
    package mutating func openLane(for request: AdmitCommand, steady: Timestamp) {
        guard LaneRequest(request) != nil,
            let shape = LaneShape(
                tenant: request.tenant, key: request.key, model: request.model,
                meters: request.charges.map { .init(id: $0.charge.meter, recording: $0.recording) },
                limits: request.demands.map(\.limit))
        else { return }
        tenants.open(shape, validUntil: .distantFuture, steady: steady, epoch: epoch)
        armLanes(of: request.tenant, steady: steady)
    }
}

extension LaneRequest {
    /// A request that takes units at once, and says no more of them.
    fileprivate init?(_ request: AdmitCommand) {
        guard request.hold == nil, request.extending == nil, request.idempotency == nil,
            request.metadata == nil, request.isEnforced
        else { return nil }
        self.init(
            tenant: request.tenant, key: request.key, model: request.model,
            charges: request.charges.map(\.charge))
    }
}
