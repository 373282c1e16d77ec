import QuotaLedger
public import QuotaModel
import QuotaNode

// `charges` are 1 to 64, of 1 to `Amount.maximum` units each; the same meter twice is summed.
// All of them are taken, or none.
extension Weir {
    /// Says what ``consume(tenant:plan:key:charges:model:metadata:)`` would say; charges and
    /// creates nothing.
    ///
    /// - Parameters:
    ///   - tenant: whose limits are asked; one that does not exist is answered as if it were new.
    ///   - plan: the plan of a tenant that does not exist; nil is `free`.
    ///   - key: the API key whose limits are asked besides.
    ///   - charges: the units; an API call unless said.
    ///   - model: the model the units are for.
    /// - Returns: the decision, with the figures before the charge.
    /// - Throws: ``WeirError``.
    public func checkQuota(
        tenant: TenantID,
        plan: PlanID? = nil,
        key: APIKeyID? = nil,
        charges: [Charge] = [Charge(meter: .apiCalls, amount: 1)],
        model: ModelName? = nil
    ) async throws(WeirError) -> Decision {
        try RequestCheck.charges(charges)
        let request = DecisionRequest(
            tenant: tenant, key: key, charges: charges, model: model, plan: plan?.canonical)
        return try await asking { (node) async throws(NodeError) in try await node.check(request) }
    }

    /// Consumes an API call.
    ///
    /// - Parameters:
    ///   - tenant: whose it is; created on its first, unless the options say otherwise.
    ///   - plan: the plan of a tenant that is created; otherwise ignored, with a warning.
    /// - Returns: the decision, with the figures after the charge.
    /// - Throws: ``WeirError``.
    public func recordCommand(
        tenant: TenantID,
        plan: PlanID? = nil
    ) async throws(WeirError) -> Decision {
        try await consume(tenant: tenant, plan: plan)
    }

    /// Consumes units, from every limit of the request or from none.
    ///
    /// What is allowed is recorded before this returns, and survives the end of the process.
    ///
    /// - Parameters:
    ///   - tenant: whose they are; created on its first, unless the options say otherwise.
    ///   - plan: the plan of a tenant that is created; otherwise ignored, with a warning.
    ///   - key: the API key that use is booked under, whose limits are asked besides.
    ///   - charges: the units; an API call unless said.
    ///   - model: the model they are for.
    ///   - metadata: kept with the usage, at most 64 KiB.
    /// - Returns: the decision, with the figures after the charge; a refusal has charged nothing.
    /// - Throws: ``WeirError``.
    public func consume(
        tenant: TenantID,
        plan: PlanID? = nil,
        key: APIKeyID? = nil,
        charges: [Charge] = [Charge(meter: .apiCalls, amount: 1)],
        model: ModelName? = nil,
        metadata: [String: String] = [:]
    ) async throws(WeirError) -> Decision {
        try RequestCheck.charges(charges)
        let request = DecisionRequest(
            tenant: tenant, key: key, charges: charges, model: model, plan: plan?.canonical,
            metadata: try RequestCheck.json(metadata))
        return try await decide(request).decision
    }

    /// Holds units until their true use is known.
    ///
    /// - Parameters:
    ///   - tenant: whose they are; created on its first, unless the options say otherwise.
    ///   - plan: the plan of a tenant that is created; otherwise ignored, with a warning.
    ///   - key: the API key that use is booked under, whose limits are asked besides.
    ///   - charges: the units to hold.
    ///   - model: the model they are for.
    ///   - metadata: kept with the usage, at most 64 KiB.
    ///   - timeToLive: how long it waits for word: a millisecond to 24 hours.
    ///   - onExpiry: what happens then; `suspect` keeps the units out of reach until somebody says
    ///     what was used.
    /// - Returns: the reservation, which has to be settled or voided; or the refusal.
    /// - Throws: ``WeirError``.
    public func reserve(
        tenant: TenantID,
        plan: PlanID? = nil,
        key: APIKeyID? = nil,
        charges: [Charge],
        model: ModelName? = nil,
        metadata: [String: String] = [:],
        timeToLive: Duration = .milliseconds(QuotaModel.Reservation.defaultTTLMilliseconds),
        onExpiry: QuotaModel.Reservation.OnExpiry = .suspect
    ) async throws(WeirError) -> ReserveOutcome {
        try RequestCheck.charges(charges)
        let request = DecisionRequest(
            tenant: tenant, key: key, charges: charges, model: model, plan: plan?.canonical,
            metadata: try RequestCheck.json(metadata),
            hold: DecisionRequest.Hold(
                ttlMilliseconds: try RequestCheck.milliseconds(timeToLive), onExpiry: onExpiry))
        let outcome = try await decide(request)
        guard let reservation = outcome.reservation else { return .refused(outcome.decision) }
        return .held(Reservation(self, reservation, outcome.decision))
    }

    /// Books the true use of a reservation, also of one whose handle is gone.
    ///
    /// - Parameters:
    ///   - id: the reservation's id.
    ///   - charges: the true use, from 0 units; a held meter that is missing settles as held.
    /// - Returns: the reservation with its outcome; the first one stands, and a repeat gets the
    ///   same.
    /// - Throws: ``WeirError``: `not_found`, `conflict` when it was voided before.
    @discardableResult
    public func settle(
        _ id: ReservationID,
        charges: [Charge] = []
    ) async throws(WeirError) -> QuotaModel.Reservation {
        try RequestCheck.charges(charges, count: 0...RequestCheck.maximumCharges, minimum: 0)
        return try await asking { (node) async throws(NodeError) in
            try await node.settle(id, charges: charges, tenant: nil)
        }
    }

    /// Gives back everything that a reservation holds, also of one whose handle is gone.
    ///
    /// - Parameter id: the reservation's id.
    /// - Returns: the reservation with its outcome; the first one stands, and a repeat gets the
    ///   same.
    /// - Throws: ``WeirError``: `not_found`, `conflict` when it was settled before.
    @discardableResult
    public func void(_ id: ReservationID) async throws(WeirError) -> QuotaModel.Reservation {
        try await asking { (node) async throws(NodeError) in
            try await node.void(id, tenant: nil)
        }
    }

    /// Takes or releases units of an allocation: seats, projects, storage.
    ///
    /// - Parameters:
    ///   - tenant: who holds them.
    ///   - meter: the allocation.
    ///   - delta: how many more; negative releases.
    /// - Returns: the decision, with the figures after the change.
    /// - Throws: ``WeirError``: `invalid` for a counter, and for releasing more than is held.
    public func allocate(
        tenant: TenantID,
        meter: MeterID,
        delta: Int64
    ) async throws(WeirError) -> Decision {
        guard (-Amount.maximum...Amount.maximum).contains(delta) else {
            throw .invalid("delta", "must be an integer of at most \(Amount.maximum)")
        }
        let request = DecisionRequest(tenant: tenant, charges: [])
        let answer = try await asking { (node) async throws(NodeError) in
            try await node.allocate(.delta(delta), of: meter, request)
        }
        return try Self.outcome(answer).decision
    }

    private func decide(_ request: DecisionRequest) async throws(WeirError) -> DecisionOutcome {
        let answer = try await asking { (node) async throws(NodeError) in
            try await node.decide(request)
        }
        return try Self.outcome(answer)
    }

    private static func outcome(_ answer: DecisionAnswer) throws(WeirError) -> DecisionOutcome {
        guard case .decided(let outcome, _) = answer else {
            // Only requests with an idempotency key are answered again.
            throw WeirError(.conflict, "the request was answered before")
        }
        return outcome
    }
}
