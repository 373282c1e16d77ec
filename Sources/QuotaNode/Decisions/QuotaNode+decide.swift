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
        if idempotency == nil, let decision = decideAtOnce(request) {
            try await leases.journal.wait(for: decision.mark)
            return .decided(
                DecisionOutcome(decision: self.decision(decision), reservation: nil), stored: nil)
        }
        let item = BatchItem(request: request, idempotency: idempotency)
        var claimed: Set<IdempotencyID> = []
        defer { release(claimed) }
        let preparation: Preparation
        do throws(NodeError) { preparation = try await prepare(item, claimed: &claimed) } catch {
            count(error)
            throw error
        }
        switch preparation {
        case .answered(let answer): return try answer.get()
        case .asks(let prepared): return try await decide(prepared)
        }
    }

    /// Counts a decision that the store kept from being made.
    private func count(_ error: NodeError) {
        if case .ledger = error { counters.countFailure(at: now) }
    }

    /// Says what `decide` would say, and charges and creates nothing.
    public func check(_ request: DecisionRequest) async throws(NodeError) -> Decision {
        if let decision = decideAtOnce(request, takes: false) { return self.decision(decision) }
        let item = BatchItem(request: request, isCheck: true)
        switch try await decide([item])[0].get() {
        case .decided(let outcome, _): return outcome.decision
        case .immediate(let immediate): return decision(immediate)
        case .replayed:
            throw .ledger(LedgerError(.invariant, "a check was answered like a charge"))
        }
    }

    /// Decides several requests, independent of each other; those of one tenant one after the
    /// other.
    ///
    /// - Returns: an answer for each, in order.
    public func decide(_ items: [BatchItem]) async -> [Result<DecisionAnswer, NodeError>] {
        var answers: [Result<DecisionAnswer, NodeError>] = []
        answers.reserveCapacity(items.count)
        do throws(NodeError) {
            let others = try await decide(items) { index, decision in
                // Those that come later leave their places free.
                while answers.count < index { answers.append(.failure(.mismatch)) }
                answers.append(.success(.immediate(decision)))
            }
            while answers.count < items.count { answers.append(.failure(.mismatch)) }
            for (index, answer) in others { answers[index] = answer }
            return answers
        } catch {
            return items.map { _ in .failure(error) }
        }
    }

    /// Decides several requests, and hands on at once what needs nobody else.
    ///
    /// - Parameters:
    ///   - items: the requests; those of one tenant are decided one after the other.
    ///   - immediate: takes the places among the items, in order, with their decisions. Where
    ///     decisions wait for the disk they are not to be told before the call returns.
    /// - Returns: the places of all others, in order, with their answers.
    /// - Throws: why the disk has none of the decisions.
    package func decide(
        _ items: [BatchItem],
        immediate: (Int, borrowing ImmediateDecision) -> Void
    ) async throws(NodeError) -> [(index: Int, answer: Result<DecisionAnswer, NodeError>)] {
        var claimed: Set<IdempotencyID> = []
        defer { release(claimed) }
        var results: [(index: Int, answer: Result<DecisionAnswer, NodeError>)] = []
        var waiting: [(place: Int, prepared: Prepared)] = []
        var marks: [JournalMark?] = []
        var rest: [TenantID: [(index: Int, prepared: Prepared)]] = [:]
        var instant = SharedInstant()
        for index in items.indices {
            if let decision = decideAtOnce(items[index], after: rest, &instant) {
                if let mark = decision.mark { marks.append(mark) }
                immediate(index, decision)
                continue
            }
            let item = items[index]
            do throws(NodeError) {
                switch try await prepare(item, claimed: &claimed) {
                case .answered(let answer): results.append((index, answer))
                case .asks(let prepared):
                    waiting.append((results.count, prepared))
                    results.append((index, .failure(.mismatch)))
                    // What follows of the tenant is decided after it.
                    rest[item.tenant] = []
                }
            } catch {
                count(error)
                results.append((index, .failure(error)))
            }
            instant.end()
        }
        // From here on nothing is waited for until each draw that is needed is on its way.
        for (place, prepared) in waiting {
            let tenant = prepared.item.tenant
            switch rest[tenant]?.isEmpty == true ? decideNow(prepared) : .later(prepared) {
            case .decided(let answer, let mark):
                results[place].answer = answer
                marks.append(mark)
            case .later(let prepared):
                rest[tenant, default: []].append((place, prepared))
            }
        }
        for (place, answer) in await decide(rest) { results[place].answer = answer }
        for mark in marks.compactMap({ $0 }).latest { try await leases.journal.wait(for: mark) }
        return results
    }

    /// Decides an item on its lane, unless one of its tenant has to wait; nil when somebody else
    /// has to be asked.
    @inline(__always)
    private func decideAtOnce(
        _ item: borrowing BatchItem,
        after rest: [TenantID: [(index: Int, prepared: Prepared)]],
        _ instant: inout SharedInstant
    ) -> ImmediateDecision? {
        guard let lane = item.lane, rest.isEmpty || rest[lane.tenant] == nil else { return nil }
        return leases.decide(lane, takes: !item.isCheck, at: instant.next(leases))
    }

    /// Decides what needs others, the tenants beside each other.
    private func decide(
        _ rest: [TenantID: [(index: Int, prepared: Prepared)]]
    ) async -> [(Int, Result<DecisionAnswer, NodeError>)] {
        if rest.isEmpty { return [] }
        return await withTaskGroup(of: [(Int, Result<DecisionAnswer, NodeError>)].self) { group in
            for requests in rest.values {
                group.addTask {
                    var results: [(Int, Result<DecisionAnswer, NodeError>)] = []
                    for (index, prepared) in requests {
                        do throws(NodeError) {
                            results.append((index, .success(try await self.decide(prepared))))
                        } catch {
                            results.append((index, .failure(error)))
                        }
                    }
                    return results
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func release(_ claimed: Set<IdempotencyID>) {
        if claimed.isEmpty { return }
        inFlight.withLock { $0.subtract(claimed) }
    }

    /// Looks at a request: answers it, or says what has to be decided.
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
        let question = question(subject, charges, request)
        if item.isCheck { return .asks(Prepared(item, question, charges)) }
        var claim: IdempotencyClaim?
        if let idempotency = item.idempotency {
            let id = IdempotencyID(tenant: request.tenant, key: idempotency.key)
            guard take(id, &claimed) else {
                return .answered(.success(try await answerOfTwin(idempotency, id)))
            }
            claim = idempotency.claim(settings) { question.outcome($0) }
        }
        return .asks(
            Prepared(
                item, question, charges, admitCommand(request, question, charges, claim: claim)))
    }

    func question(
        _ subject: Subject,
        _ charges: [Charge],
        _ request: DecisionRequest
    ) -> Question {
        Question(
            subject, charges: charges, model: request.model, holds: request.hold != nil,
            plans: directory.plans, isEnforced: settings.isEnforced,
            id: identity.decisionID(at: now))
    }

    // MARK: Deciding

    /// Decides what needs nobody else.
    private func decideNow(_ prepared: Prepared) -> Immediate {
        guard let command = prepared.command, prepared.item.idempotency == nil else {
            return .later(prepared)
        }
        let shard = leases.shard(of: prepared.question.subject.entry.tenant)
        let step = leases.attempt(command, in: shard)
        guard case .answered(let answer, let mark) = step else {
            return .later(prepared.after(step))
        }
        openLane(prepared, prepared.question)
        return .decided(self.answer(prepared.question, answer), mark)
    }

    /// Decides a request, whoever is needed for it.
    private func decide(_ prepared: Prepared) async throws(NodeError) -> DecisionAnswer {
        do throws(NodeError) {
            guard let command = prepared.command else { return try await look(prepared.question) }
            if let idempotency = prepared.item.idempotency {
                let id = IdempotencyID(
                    tenant: prepared.item.request.tenant, key: idempotency.key)
                if let earlier = try await earlierAnswer(id, idempotency) { return earlier }
            }
            return try await decide(prepared, command)
        } catch {
            count(error)
            throw error
        }
    }

    private func decide(
        _ prepared: Prepared,
        _ command: AdmitCommand
    ) async throws(NodeError) -> DecisionAnswer {
        var (question, command) = (prepared.question, command)
        var first = prepared.step
        for _ in 0..<Self.maximumReads {
            let shard = leases.shard(of: question.subject.entry.tenant)
            let step = first ?? leases.attempt(command, in: shard)
            if let answer = try await leases.finish(command, in: shard, after: step) {
                openLane(prepared, question)
                return try self.answer(question, answer).get()
            }
            // The ledger knows newer limits.
            let request = prepared.item.request
            directory.forget(request.tenant)
            let next = self.question(
                try await subject(of: request, creates: false), prepared.charges, request)
            let claim = prepared.item.idempotency?.claim(settings) { next.outcome($0) }
            (question, first) = (next, nil)
            command = admitCommand(request, next, prepared.charges, claim: claim)
        }
        throw .ledger(LedgerError(.busy, "the tenant's limits change all the time; try again"))
    }

    /// How often a request is read again when its limits change meanwhile.
    static var maximumReads: Int { 4 }

    private func look(_ question: Question) async throws(NodeError) -> DecisionAnswer {
        let view = try await leases.view(question.subject.entry, question.demands)
        let decision = question.decision(view)
        counters.count(
            isAdmitted: decision.isAllowed,
            madeStoreCall: view.madeStoreCall || question.subject.madeStoreCall)
        return .decided(DecisionOutcome(decision: decision, reservation: nil), stored: nil)
    }

    /// The answer that was kept for a request; nil when there is none.
    func earlierAnswer(
        _ id: IdempotencyID,
        _ idempotency: IdempotencyRequest
    ) async throws(NodeError) -> DecisionAnswer? {
        var record = try await leases.answer(id)
        if record == nil {
            record = try await asking { () async throws(LedgerError) in
                try await ledger.answer(id)
            }
        }
        guard let record,
            now.nanoseconds(since: record.createdAt) < settings.idempotencyWindowNanoseconds
        else { return nil }
        guard record.fingerprint == idempotency.fingerprint else { throw .idempotencyKeyReused }
        return .replayed(record.answer)
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
        guard let earlier = try await earlierAnswer(id, idempotency) else {
            throw .idempotencyKeyInFlight
        }
        return earlier
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
                firstGrant: leases.grants(question.demands.count),
                isTransient: hold.isTransient)
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

    /// What was decided, for the caller.
    private func answer(
        _ question: Question,
        _ answer: AdmitAnswer
    ) -> Result<DecisionAnswer, NodeError> {
        switch answer {
        case .decided(let outcome, let stored):
            counters.count(
                isAdmitted: outcome.isAdmitted,
                madeStoreCall: outcome.madeStoreCall || question.subject.madeStoreCall)
            countShadow(outcome, question)
            return .success(.decided(question.outcome(outcome), stored: stored))
        case .replayed(let stored): return .success(.replayed(stored))
        case .idempotencyKeyReused: return .failure(.idempotencyKeyReused)
        case .outOfRange: return .failure(.outOfRange)
        }
    }

    /// One charge a meter, in the order in which meters first come.
    func merged(_ charges: [Charge]) throws(NodeError) -> [Charge] {
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

/// A request with what has to be decided.
///
/// A class, because it is handed on several times and large.
final class Prepared: Sendable {
    let item: BatchItem
    let question: Question
    /// One charge a meter.
    let charges: [Charge]
    /// What is wanted; nil for a check.
    let command: AdmitCommand?
    /// How far it has come.
    let step: LeaseManager.Step?

    init(
        _ item: BatchItem,
        _ question: Question,
        _ charges: [Charge],
        _ command: AdmitCommand? = nil,
        step: LeaseManager.Step? = nil
    ) {
        self.item = item
        self.question = question
        self.charges = charges
        self.command = command
        self.step = step
    }

    func after(_ step: LeaseManager.Step) -> Prepared {
        Prepared(item, question, charges, command, step: step)
    }
}

/// What can be said of a request at once.
private enum Immediate {
    case decided(Result<DecisionAnswer, NodeError>, JournalMark?)
    case later(Prepared)
}

extension [JournalMark] {
    /// The last mark of each stream.
    fileprivate var latest: [JournalMark] {
        Dictionary(grouping: self, by: \.stream).values
            .compactMap { $0.max { $0.position < $1.position } }
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
