import QuotaCalendar
import QuotaEngine
import QuotaModel

/// A demand with the balances it is asked of.
private enum Source {
    case bucket(TokenBucket)
    case account(LocatedAccount)
    /// What is held at once: nothing is taken here.
    case slots

    var state: LimitState {
        switch self {
        case .bucket(let bucket): .bucket(bucket)
        // What is held at once is its node's affair.
        case .slots: .slots(held: 0)
        case .account(let located): .account(located.record.account, located.record.period)
        }
    }
}

extension LedgerTransaction {
    mutating func run(_ admit: AdmitCommand) throws(LedgerError) -> AdmitAnswer {
        guard admit.extending == nil else {
            throw LedgerError(.invariant, "a hold of a node is extended by its node")
        }
        let readsBefore = reader.storeReads
        if let claim = admit.idempotency,
            let answer = try earlierAnswer(to: claim, tenant: admit.tenant)
        {
            return answer
        }
        if let hold = admit.hold, let known = try reservation(hold.id) {
            return .decided(try earlierOutcome(admit, known), stored: nil)
        }
        let sources = try sources(admit)
        var taken = sources
        let violations = violations(admit.demands, sources.map(\.state))
        if admit.isEnforced, violations.contains(where: \.isEnforced) {
            let outcome = AdmitOutcome(
                isAdmitted: false, violations: violations, states: sources.map(\.state),
                now: now, reservation: nil, madeStoreCall: reader.storeReads != readsBefore)
            return .decided(outcome, stored: nil)
        }
        let reservation = admit.hold.map { admit.reservation($0, at: now) }
        let grants: [GrantRecord]
        do {
            grants = try take(admit, from: &taken)
        } catch {
            return .outOfRange
        }
        try stage(admit, sources: taken, grants: grants)
        if let reservation {
            changes.reservations[reservation.id] = reservation
        } else {
            let overages = admit.overages(violations)
            for charge in admit.charges {
                book(
                    charge, overage: overages[charge.charge.meter] ?? 0,
                    posting: Posting(admit, at: now))
            }
        }
        count(admit)
        let outcome = AdmitOutcome(
            isAdmitted: true, violations: violations, states: taken.map(\.state), now: now,
            reservation: reservation, madeStoreCall: true)
        return .decided(outcome, stored: keep(outcome, for: admit))
    }

    /// The balances of every demand.
    private mutating func sources(_ admit: AdmitCommand) throws(LedgerError) -> [Source] {
        try rollOver(admit.demands, of: admit.tenant)
        var sources: [Source] = []
        for demand in admit.demands {
            if demand.limit.limit.window.kind == .concurrency {
                sources.append(.slots)
            } else if demand.limit.limit.window.kind == .rate {
                sources.append(.bucket(try refilledBucket(demand, tenant: admit.tenant)))
            } else {
                let wanted = AccountSpecification(demand.limit, tenant: admit.tenant)
                sources.append(
                    .account(try locate(wanted, calendar: admit.calendar(of: demand.limit))))
            }
        }
        return sources
    }

    /// The outcome of a hold that is asked for again: one grant for one id.
    private mutating func earlierOutcome(
        _ admit: AdmitCommand,
        _ known: Reservation
    ) throws(LedgerError) -> AdmitOutcome {
        let looks = admit.demands.map { Demand(limit: $0.limit, amount: 0) }
        let view = try run(
            ViewCommand(
                tenant: admit.tenant, demands: looks, calendar: admit.calendar,
                organizationCalendar: admit.organizationCalendar))
        return AdmitOutcome(
            isAdmitted: true, violations: [], states: view.states, now: now,
            reservation: known, madeStoreCall: view.madeStoreCall)
    }

    func earlierAnswer(
        to claim: IdempotencyClaim,
        tenant: TenantID
    ) throws(LedgerError) -> AdmitAnswer? {
        let id = IdempotencyID(tenant: tenant, key: claim.key)
        var found = changes.answers[id]
        if found == nil { found = try reader.answer(id) }
        guard let record = found,
            now.nanoseconds(since: record.createdAt) < claim.windowNanoseconds
        else { return nil }
        return record.fingerprint == claim.fingerprint
            ? .replayed(record.answer) : .idempotencyKeyReused
    }

    /// Takes every demand from its source; the caller throws the sources away when one fails.
    private func take(
        _ admit: AdmitCommand,
        from sources: inout [Source]
    ) throws(AccountError) -> [GrantRecord] {
        var grants: [GrantRecord] = []
        for (index, demand) in admit.demands.enumerated() {
            switch sources[index] {
            case .slots: continue
            case .bucket(var bucket):
                if let rate = demand.limit.rate {
                    _ = bucket.take(demand.amount, rate, enforced: false)
                    sources[index] = .bucket(bucket)
                }
            case .account(var located):
                let first = admit.hold?.firstGrant
                let id = GrantID(
                    holder: first?.holder ?? "", incarnation: first?.incarnation ?? 0,
                    sequence: (first?.sequence ?? 0) + Int64(index))
                // Whether the demand may pass was decided over all limits together.
                guard
                    var grant = try located.record.account.grant(
                        id, size: demand.amount, enforced: false)
                else { throw .periodClosed }
                if let hold = admit.hold {
                    grants.append(
                        GrantRecord(
                            account: located.record.id, meter: demand.limit.limit.meter,
                            reservation: hold.id, grant: grant))
                } else {
                    _ = try located.record.account.close(&grant, used: demand.amount)
                }
                sources[index] = .account(located)
            }
        }
        return grants
    }

    private mutating func stage(
        _ admit: AdmitCommand,
        sources: [Source],
        grants: [GrantRecord]
    ) throws(LedgerError) {
        for (demand, source) in zip(admit.demands, sources) {
            switch source {
            case .slots: continue
            case .bucket(let bucket):
                guard demand.limit.rate != nil else { continue }
                let key = demand.limit.accountKey(of: admit.tenant)
                changes.buckets[key] = BucketRecord(key: key, bucket: bucket)
            case .account(let located):
                accounts.stage(located.record, before: located.before)
            }
        }
        for grant in grants { stage(grant) }
    }

    mutating func keep(_ outcome: AdmitOutcome, for admit: AdmitCommand) -> StoredAnswer? {
        guard let claim = admit.idempotency else { return nil }
        let answer = claim.render(outcome)
        let id = IdempotencyID(tenant: admit.tenant, key: claim.key)
        changes.answers[id] = IdempotencyRecord(
            id: id, fingerprint: claim.fingerprint, answer: answer, createdAt: now)
        return answer
    }
}

extension AdmitCommand {
    /// The periods of a limit.
    func calendar(of limit: CompiledLimit) -> TenantCalendar {
        limit.organization == nil ? calendar : organizationCalendar ?? calendar
    }
}
