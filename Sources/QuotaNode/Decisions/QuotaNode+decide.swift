import QuotaCalendar
import QuotaEngine
import QuotaLedger
public import QuotaModel
import Synchronization

extension QuotaNode {
    /// Consumes or holds units, from every limit of the request or from none.
    ///
    /// - Throws: what is wrong with the request; a refusal is a decision, not an error.
    public func decide(
        _ request: DecisionRequest,
        idempotency: IdempotencyRequest? = nil
    ) async throws(NodeError) -> DecisionAnswer {
        let charges = try merged(request.charges)
        let subject = try await subject(of: request, creates: settings.createsTenants)
        if subject.isSuspended {
            counters.count(isAdmitted: false, madeStoreCall: subject.madeStoreCall)
            return .decided(suspended(subject), stored: nil)
        }
        let question = Question(
            subject, charges: charges, model: request.model, plans: directory.plans,
            isEnforced: settings.isEnforced, id: identity.decisionID(at: now))
        guard let idempotency else {
            return try await admit(request, question, charges, claim: nil)
        }
        let id = IdempotencyID(tenant: request.tenant, key: idempotency.key)
        guard inFlight.withLock({ $0.insert(id).inserted }) else {
            return try await answerOfTwin(idempotency, id)
        }
        defer { inFlight.withLock { _ = $0.remove(id) } }
        let claim = IdempotencyClaim(
            key: idempotency.key,
            fingerprint: idempotency.fingerprint,
            windowNanoseconds: settings.idempotencyWindowNanoseconds,
            render: { idempotency.encode(question.outcome($0)) })
        return try await admit(request, question, charges, claim: claim)
    }

    /// The answer to a request whose twin is under way: it may be a repeat of one that was
    /// answered.
    private func answerOfTwin(
        _ idempotency: IdempotencyRequest,
        _ id: IdempotencyID
    ) async throws(NodeError) -> DecisionAnswer {
        let record = try await asking { () async throws(LedgerError) in
            try await ledger.answer(id)
        }
        guard let record,
            now.nanoseconds(since: record.createdAt) < settings.idempotencyWindowNanoseconds
        else { throw .idempotencyKeyInFlight }
        guard record.fingerprint == idempotency.fingerprint else { throw .idempotencyKeyReused }
        return .replayed(record.answer)
    }

    /// Says what `decide` would say, and charges and creates nothing.
    public func check(_ request: DecisionRequest) async throws(NodeError) -> Decision {
        let charges = try merged(request.charges)
        let subject = try await subject(
            of: request, creates: settings.createsTenants ? nil : false)
        if subject.isSuspended {
            counters.count(isAdmitted: false, madeStoreCall: subject.madeStoreCall)
            return suspended(subject).decision
        }
        let question = Question(
            subject, charges: charges, model: request.model, plans: directory.plans,
            isEnforced: settings.isEnforced, id: identity.decisionID(at: now))
        let view = try await asking { () async throws(LedgerError) in
            try await ledger.view(
                ViewCommand(
                    tenant: request.tenant, demands: question.demands,
                    calendar: subject.entry.calendar))
        }
        let decision = question.decision(view)
        counters.count(
            isAdmitted: decision.isAllowed,
            madeStoreCall: view.madeStoreCall || subject.madeStoreCall)
        return decision
    }

    private func admit(
        _ request: DecisionRequest,
        _ question: Question,
        _ charges: [Charge],
        claim: IdempotencyClaim?
    ) async throws(NodeError) -> DecisionAnswer {
        let hold = request.hold.map { hold in
            HoldRequest(
                id: identity.reservationID(at: now),
                ttlNanoseconds: hold.ttlMilliseconds * 1_000_000,
                onExpiry: hold.onExpiry,
                firstGrant: identity.grants(question.demands.count))
        }
        let meters = directory.meters
        let command = AdmitCommand(
            tenant: request.tenant,
            key: question.subject.keyID ?? .service,
            model: request.model,
            charges: charges.map {
                MeteredCharge(charge: $0, recording: meters[$0.meter]?.recording ?? .event)
            },
            demands: question.demands,
            calendar: question.subject.entry.calendar,
            isEnforced: settings.isEnforced,
            decisionID: question.id,
            hold: hold,
            idempotency: claim,
            metadata: request.metadata)
        let answer: AdmitAnswer
        do {
            answer = try await ledger.admit(command)
        } catch {
            counters.countFailure(at: now)
            throw .ledger(error)
        }
        switch answer {
        case .decided(let outcome, let stored):
            counters.count(
                isAdmitted: outcome.isAdmitted,
                madeStoreCall: outcome.madeStoreCall || question.subject.madeStoreCall)
            return .decided(question.outcome(outcome), stored: stored)
        case .replayed(let stored): return .replayed(stored)
        case .idempotencyKeyReused: throw .idempotencyKeyReused
        case .outOfRange: throw .outOfRange
        }
    }

    /// One charge a meter, in the order in which meters first come.
    private func merged(_ charges: [Charge]) throws(NodeError) -> [Charge] {
        let meters = directory.meters
        var merged: [Charge] = []
        for (index, charge) in charges.enumerated() {
            guard let meter = meters[charge.meter] else {
                throw .unknownMeter(charge.meter, chargeIndex: index)
            }
            guard meter.kind == .counter else {
                throw .allocationMeter(charge.meter, chargeIndex: index)
            }
            guard let place = merged.firstIndex(where: { $0.meter == charge.meter }) else {
                merged.append(charge)
                continue
            }
            // Two amounts of at most 2^53 can't leave 64 bits.
            let sum = merged[place].amount + charge.amount
            guard sum <= Amount.maximum else {
                throw .chargesTooLarge(charge.meter, chargeIndex: index)
            }
            merged[place] = Charge(meter: charge.meter, amount: sum)
        }
        return merged
    }
}
