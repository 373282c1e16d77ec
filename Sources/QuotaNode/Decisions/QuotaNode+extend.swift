import QuotaEngine
import QuotaLedger
package import QuotaModel

/// What became of an extension.
package enum ExtendAnswer: Sendable {
    /// The reservation holds the units, too.
    case extended(Reservation)
    /// A limit refuses, or the tenant is suspended: nothing was taken.
    case refused(Decision)
    /// The reservation has ended, or is held elsewhere, or belongs to another tenant.
    case notHeld
}

// Open reservations that take more units.
extension QuotaNode {
    /// Takes more units into an open reservation of this node, from every budget or from none.
    ///
    /// The reservation's time to live, and what happens then, stay as they are. Budgets refuse; of
    /// the rates that the reservation passed the units are taken without asking, so that what is
    /// missing there slows the next admission, as for use beyond a reservation. A call that is
    /// repeated extends again.
    ///
    /// - Parameters:
    ///   - id: the reservation.
    ///   - tenant: whose it must be.
    ///   - charges: the units to add, of meters that it holds.
    /// - Returns: what became of it.
    /// - Throws: what is wrong with the charges, `conflict` when it holds of too many leases, and
    ///   why the ledger can't be asked.
    package func extend(
        _ id: ReservationID,
        of tenant: TenantID,
        by charges: [Charge]
    ) async throws(NodeError) -> ExtendAnswer {
        let charges = try merged(charges)
        for _ in 0..<Self.maximumReads {
            guard let found = held(id, of: tenant) else { return .notHeld }
            let subject = try await subject(of: found.request, creates: false)
            if subject.isSuspended { return .refused(suspended(subject).decision) }
            let (question, command) = extending(id, by: charges, found.request, subject)
            let step = leases.attempt(command, in: found.shard)
            do throws(NodeError) {
                let answer = try await leases.finish(command, in: found.shard, after: step)
                if let answer { return try extendAnswer(answer, question) }
            } catch {
                // It may have ended meanwhile.
                if case .reservationNotFound = error { return .notHeld }
                throw error
            }
            // The ledger knows newer limits.
            directory.forget(tenant)
        }
        throw .ledger(LedgerError(.busy, "the tenant's limits change all the time; try again"))
    }

    /// Does what ``extend(_:of:by:)`` does, where nobody else is needed.
    ///
    /// - Returns: nil when that has to be asked, and then nothing was taken: the ledger is needed,
    ///   or the disk, or the charges are wrong.
    package func extendAtOnce(
        _ id: ReservationID,
        of tenant: TenantID,
        by charges: [Charge]
    ) -> ExtendAnswer? {
        // Nobody waits here.
        if leases.journal.isDurable { return nil }
        guard let charges = try? merged(charges) else { return nil }
        guard let found = held(id, of: tenant) else { return .notHeld }
        guard let subject = cachedSubject(of: found.request) else { return nil }
        if subject.isSuspended { return .refused(suspended(subject).decision) }
        let (question, command) = extending(id, by: charges, found.request, subject)
        switch leases.attempt(command, in: found.shard, isImmediate: true) {
        case .answered(let answer, _): return try? extendAnswer(answer, question)
        case .cannotExtend(.notHeld): return .notHeld
        case .cannotExtend, .draws, .looks, .owes, .waits, .crowded, .fails: return nil
        }
    }

    /// A reservation that is held here, with what was asked when it was made.
    private func held(
        _ id: ReservationID,
        of tenant: TenantID
    ) -> (shard: LeaseManager.LockedShard, request: DecisionRequest)? {
        guard let (shard, owner) = leases.place(of: id), owner == tenant,
            let reservation = leases.reservation(id, of: tenant, in: shard)
        else { return nil }
        let request = DecisionRequest(
            tenant: tenant, key: reservation.key == .service ? nil : reservation.key, charges: [],
            model: reservation.model)
        return (shard, request)
    }

    /// What an extension asks: budgets only.
    private func extending(
        _ id: ReservationID,
        by charges: [Charge],
        _ request: DecisionRequest,
        _ subject: Subject
    ) -> (Question, AdmitCommand) {
        let all = question(subject, charges, request)
        let question = Question(
            subject, of: all.demands.filter { $0.limit.limit.window.kind == .budget },
            plans: all.plans, isEnforced: all.isEnforced, id: all.id)
        var command = admitCommand(request, question, charges, claim: nil)
        command.extending = id
        return (question, command)
    }

    private func extendAnswer(
        _ answer: AdmitAnswer,
        _ question: Question
    ) throws(NodeError) -> ExtendAnswer {
        switch answer {
        case .decided(let outcome, _):
            countShadow(outcome, question)
            if let reservation = outcome.reservation { return .extended(reservation) }
            return .refused(question.outcome(outcome).decision)
        case .outOfRange: throw .outOfRange
        case .replayed, .idempotencyKeyReused: throw .mismatch
        }
    }
}
