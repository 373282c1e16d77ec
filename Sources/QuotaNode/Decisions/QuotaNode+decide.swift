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
        let item = BatchItem(request: request, idempotency: idempotency)
        return try await decide([item])[0].get()
    }

    /// Says what `decide` would say, and charges and creates nothing.
    public func check(_ request: DecisionRequest) async throws(NodeError) -> Decision {
        let item = BatchItem(request: request, isCheck: true)
        guard case .decided(let outcome, _) = try await decide([item])[0].get() else {
            throw .ledger(LedgerError(.invariant, "a check was answered like a charge"))
        }
        return outcome.decision
    }

    /// Decides several requests, one after the other and independent of each other, in one
    /// transaction of the ledger.
    ///
    /// - Returns: an answer for each, in order.
    public func decide(_ items: [BatchItem]) async -> [Result<DecisionAnswer, NodeError>] {
        var claimed: Set<IdempotencyID> = []
        defer { release(claimed) }
        var prepared: [Preparation] = []
        prepared.reserveCapacity(items.count)
        for item in items {
            do throws(NodeError) {
                prepared.append(try await prepare(item, claimed: &claimed))
            } catch {
                prepared.append(.answered(.failure(error)))
            }
        }
        let questions = prepared.compactMap { preparation -> Prepared? in
            guard case .asks(let question) = preparation else { return nil }
            return question
        }
        var answers: [LedgerAnswer] = []
        if !questions.isEmpty {
            do {
                answers = try await ledger.commit(questions.map(\.command))
            } catch {
                counters.countFailure(at: now)
                return prepared.map { $0.answer ?? .failure(.ledger(error)) }
            }
        }
        var rest = zip(questions, answers).makeIterator()
        return prepared.map { preparation in
            if let answer = preparation.answer { return answer }
            guard let (question, answer) = rest.next() else { return .failure(.mismatch) }
            return self.answer(question, answer)
        }
    }

    private func release(_ claimed: Set<IdempotencyID>) {
        if claimed.isEmpty { return }
        inFlight.withLock { $0.subtract(claimed) }
    }

    /// Looks at a request: answers it, or says what the ledger has to be asked.
    private func prepare(
        _ item: BatchItem,
        claimed: inout Set<IdempotencyID>
    ) async throws(NodeError) -> Preparation {
        let request = item.request
        let charges = try merged(request.charges)
        let creates: Bool? =
            settings.createsTenants ? (item.isCheck ? nil : true) : false
        let subject = try await subject(of: request, creates: creates)
        if subject.isSuspended {
            counters.count(isAdmitted: false, madeStoreCall: subject.madeStoreCall)
            return .answered(.success(.decided(suspended(subject), stored: nil)))
        }
        let question = Question(
            subject, charges: charges, model: request.model, plans: directory.plans,
            isEnforced: settings.isEnforced, id: identity.decisionID(at: now))
        if item.isCheck {
            let command = LedgerCommand.view(subject.entry.view(question.demands))
            return .asks(Prepared(question: question, command: command))
        }
        var claim: IdempotencyClaim?
        if let idempotency = item.idempotency {
            let id = IdempotencyID(tenant: request.tenant, key: idempotency.key)
            guard take(id, &claimed) else {
                return .answered(.success(try await answerOfTwin(idempotency, id)))
            }
            claim = idempotency.claim(settings) { question.outcome($0) }
        }
        let command = admitCommand(request, question, charges, claim: claim)
        return .asks(Prepared(question: question, command: .admit(command)))
    }

    /// Marks an idempotent request as under way.
    ///
    /// - Returns: false when another call is at it; what this call has claimed, it may ask twice.
    func take(_ id: IdempotencyID, _ claimed: inout Set<IdempotencyID>) -> Bool {
        if claimed.contains(id) { return true }
        guard inFlight.withLock({ $0.insert(id).inserted }) else { return false }
        claimed.insert(id)
        return true
    }

    /// The answer to a request whose twin is under way: it may be a repeat of one that was
    /// answered.
    func answerOfTwin(
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

    func admitCommand(
        _ request: DecisionRequest,
        _ question: Question,
        _ charges: [Charge],
        claim: IdempotencyClaim?
    ) -> AdmitCommand {
        let hold = request.hold.map { hold in
            HoldRequest(
                id: identity.reservationID(at: now),
                ttlNanoseconds: hold.ttlMilliseconds * 1_000_000,
                onExpiry: hold.onExpiry,
                firstGrant: identity.grants(question.demands.count))
        }
        let meters = directory.meters
        return AdmitCommand(
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
            metadata: request.metadata,
            organizationCalendar: question.subject.entry.organizationCalendar)
    }

    /// The ledger's answer as the caller's.
    private func answer(
        _ prepared: Prepared,
        _ answer: LedgerAnswer
    ) -> Result<DecisionAnswer, NodeError> {
        let question = prepared.question
        switch answer {
        case .viewed(let view):
            let decision = question.decision(view)
            counters.count(
                isAdmitted: decision.isAllowed,
                madeStoreCall: view.madeStoreCall || question.subject.madeStoreCall)
            let outcome = DecisionOutcome(decision: decision, reservation: nil)
            return .success(.decided(outcome, stored: nil))
        case .admitted(.decided(let outcome, let stored)):
            counters.count(
                isAdmitted: outcome.isAdmitted,
                madeStoreCall: outcome.madeStoreCall || question.subject.madeStoreCall)
            return .success(.decided(question.outcome(outcome), stored: stored))
        case .admitted(.replayed(let stored)): return .success(.replayed(stored))
        case .admitted(.idempotencyKeyReused): return .failure(.idempotencyKeyReused)
        case .admitted(.outOfRange): return .failure(.outOfRange)
        default: return .failure(.mismatch)
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

/// One request of several.
public struct BatchItem: Sendable {
    /// What is asked.
    public let request: DecisionRequest
    /// Set when it must have one effect however often it arrives.
    public let idempotency: IdempotencyRequest?
    /// Whether it only asks, and charges and creates nothing.
    public let isCheck: Bool

    /// Creates an item.
    public init(
        request: DecisionRequest,
        idempotency: IdempotencyRequest? = nil,
        isCheck: Bool = false
    ) {
        self.request = request
        self.idempotency = idempotency
        self.isCheck = isCheck
    }
}

/// A request with what the ledger has to be asked.
///
/// A class, because it is handed on several times and large.
private final class Prepared {
    let question: Question
    let command: LedgerCommand

    init(question: Question, command: LedgerCommand) {
        self.question = question
        self.command = command
    }
}

/// A request that was looked at.
private enum Preparation {
    /// It needs no ledger.
    case answered(Result<DecisionAnswer, NodeError>)
    /// It does.
    case asks(Prepared)

    var answer: Result<DecisionAnswer, NodeError>? {
        guard case .answered(let answer) = self else { return nil }
        return answer
    }
}

extension NodeError {
    /// The ledger answered another command than it was asked.
    static let mismatch = NodeError.ledger(
        LedgerError(.invariant, "the ledger's answer does not fit the command"))
}

extension IdempotencyRequest {
    /// What the ledger has to know of it.
    func claim(
        _ settings: NodeSettings,
        _ outcome: @escaping @Sendable (AdmitOutcome) -> DecisionOutcome
    ) -> IdempotencyClaim {
        let encode = encode
        return IdempotencyClaim(
            key: key, fingerprint: fingerprint,
            windowNanoseconds: settings.idempotencyWindowNanoseconds,
            render: { encode(outcome($0)) })
    }
}
