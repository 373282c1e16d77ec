import QuotaEngine
public import QuotaLedger
public import QuotaModel
import Synchronization

extension QuotaNode {
    /// Takes or releases units of an allocation: seats, projects, storage.
    ///
    /// - Parameters:
    ///   - change: by how much, or to what.
    ///   - meter: the allocation.
    ///   - request: who asks; its charges do not count.
    ///   - idempotency: set when it must have one effect however often it arrives.
    /// - Returns: the decision, or the kept answer to a repeated request.
    /// - Throws: `invalid` for a counter and for less than nothing.
    public func allocate(
        _ change: AllocateCommand.Change,
        of meter: MeterID,
        _ request: DecisionRequest,
        idempotency: IdempotencyRequest? = nil
    ) async throws(NodeError) -> DecisionAnswer {
        guard let known = directory.meter(meter) else {
            throw .invalid(field: "meter", "\"\(meter.text)\" does not exist")
        }
        guard known.kind == .allocation else {
            throw .invalid(
                field: "meter", "\"\(meter.text)\" is a counter: it is consumed, not held")
        }
        let subject = try await subject(of: request, change)
        if subject.isSuspended {
            counters.count(isAdmitted: false, madeStoreCall: subject.madeStoreCall)
            return .decided(suspended(subject), stored: nil)
        }
        let limits = subject.entry.entitlements.allocations(of: meter)
        let question = Question(
            subject, of: limits.map { Demand(limit: $0, amount: 0) }, plans: directory.plans,
            isEnforced: settings.isEnforced, id: identity.decisionID(at: now))
        var claimed: Set<IdempotencyID> = []
        defer { inFlight.withLock { $0.subtract(claimed) } }
        var claim: IdempotencyClaim?
        if let idempotency {
            let id = IdempotencyID(tenant: request.tenant, key: idempotency.key)
            guard take(id, &claimed) else { return try await answerOfTwin(idempotency, id) }
            if let earlier = try await earlierAnswer(id, idempotency) { return earlier }
            // What is kept is only of what was admitted, which names no amount.
            claim = idempotency.claim(settings) { question.outcome($0) }
        }
        let command = AllocateCommand(
            request: admitCommand(request, question, [], claim: claim), meter: meter,
            change: change)
        return try await answer(command, question)
    }

    /// Who holds; a release creates no tenant, since who is not known holds nothing.
    private func subject(
        of request: DecisionRequest,
        _ change: AllocateCommand.Change
    ) async throws(NodeError) -> Subject {
        guard case .delta(..<0) = change, settings.createsTenants else {
            return try await subject(of: request, creates: settings.createsTenants)
        }
        do {
            return try await subject(of: request, creates: false)
        } catch .tenantNotFound {
            throw Self.belowZero(held: 0)
        }
    }

    private static func belowZero(held: Int64) -> NodeError {
        .invalid(field: "delta", "would release more than the \(held) units that are held")
    }

    private func answer(
        _ command: AllocateCommand,
        _ question: Question
    ) async throws(NodeError) -> DecisionAnswer {
        let answer: LedgerAnswer?
        do {
            answer = try await ledger.commit([.allocate(command)]).first
        } catch {
            counters.countFailure(at: now)
            throw .ledger(error)
        }
        guard case .allocated(let allocated) = answer else { throw .mismatch }
        switch allocated {
        case .decided(let outcome, let delta, let stored):
            counters.count(isAdmitted: outcome.isAdmitted, madeStoreCall: true)
            let asked = question.asking(max(0, delta))
            countShadow(outcome, asked)
            return .decided(asked.outcome(outcome), stored: stored)
        case .replayed(let stored): return .replayed(stored)
        case .idempotencyKeyReused: throw .idempotencyKeyReused
        case .outOfRange: throw .invalid(field: "delta", NodeError.outOfRangeDetail)
        case .belowZero(let held): throw Self.belowZero(held: held)
        }
    }
}
