import QuotaEngine
import QuotaLedger
package import QuotaModel

// Reservations for who can't wait: everything here answers before it returns, or says that
// somebody else has to be asked.
extension QuotaNode {
    /// Holds units on leases that are there.
    ///
    /// - Returns: the decision; nil when ``decide(_:idempotency:)`` has to be asked, and then
    ///   nothing was taken: the ledger is needed, or the disk, or the request is wrong.
    package func holdAtOnce(_ request: DecisionRequest) -> DecisionOutcome? {
        // Nobody waits here.
        if leases.journal.isDurable { return nil }
        guard request.hold != nil, let charges = try? merged(request.charges),
            let subject = cachedSubject(of: request)
        else { return nil }
        if subject.isSuspended {
            counters.count(isAdmitted: false, madeStoreCall: false)
            return suspended(subject)
        }
        let question = question(subject, charges, request)
        let command = admitCommand(request, question, charges, claim: nil)
        let shard = leases.shard(of: subject.entry.tenant)
        guard
            case .answered(.decided(let outcome, _), _) = leases.attempt(
                command, in: shard, isImmediate: true)
        else { return nil }
        counters.count(isAdmitted: outcome.isAdmitted, madeStoreCall: false)
        countShadow(outcome, question)
        return question.outcome(outcome)
    }

    /// Books the true use of a reservation that this node holds; see
    /// ``settle(_:charges:note:tenant:)``.
    ///
    /// - Returns: the reservation as it ended; nil when that has to be asked, and then nothing has
    ///   changed: it is not held here, it can't end so, or the journal can't take it at once.
    package func settleAtOnce(
        _ id: ReservationID,
        of tenant: TenantID,
        charges: [Charge],
        note: String?
    ) -> Reservation? {
        guard (note?.utf8.count ?? 0) <= ConcludeCommand.maximumNoteBytes,
            (try? checkSums(charges)) != nil
        else { return nil }
        return concludeAtOnce(id, of: tenant, .settle(charges), note: note)
    }

    /// Gives everything back that a reservation holds which this node holds.
    ///
    /// - Returns: what ``settleAtOnce(_:of:charges:note:)`` does.
    package func voidAtOnce(_ id: ReservationID, of tenant: TenantID) -> Reservation? {
        concludeAtOnce(id, of: tenant, .void)
    }

    private func concludeAtOnce(
        _ id: ReservationID,
        of tenant: TenantID,
        _ event: ReservationEvent,
        note: String? = nil
    ) -> Reservation? {
        if leases.journal.isDurable { return nil }
        return leases.concludeAtOnce(id, of: tenant, event, note: note)
    }

    /// Whom a request is about, as far as that is known without asking anybody.
    func cachedSubject(of request: DecisionRequest) -> Subject? {
        let now = clock()
        let id = TenantEntry.ID(tenant: request.tenant, key: request.key)
        guard request.plan == nil, let entry = directory.cached(id, now: now),
            request.key == nil || entry.key != nil
        else { return nil }
        return Subject(
            entry: entry, keyID: request.key, warnings: [], now: now, madeStoreCall: false)
    }
}
