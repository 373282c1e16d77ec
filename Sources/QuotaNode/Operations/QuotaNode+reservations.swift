import QuotaEngine
import QuotaLedger
public import QuotaModel

extension QuotaNode {
    /// Books the true use of a reservation and gives the rest back.
    ///
    /// A held meter that is missing in `charges` settles as held. The reservation must belong to
    /// `tenant`, or to any when that is nil.
    public func settle(
        _ id: ReservationID,
        charges: [Charge],
        tenant: TenantID?
    ) async throws(NodeError) -> Reservation {
        var sums: [MeterID: Int64] = [:]
        for (index, charge) in charges.enumerated() {
            // Two amounts of at most 2^53 can't leave 64 bits.
            let sum = (sums[charge.meter] ?? 0) + charge.amount
            guard sum <= Amount.maximum else {
                throw .chargesTooLarge(charge.meter, chargeIndex: index)
            }
            sums[charge.meter] = sum
        }
        return try await conclude(id, .settle(charges), tenant: tenant)
    }

    /// Gives everything back that a reservation holds.
    public func void(
        _ id: ReservationID,
        tenant: TenantID?
    ) async throws(NodeError) -> Reservation {
        try await conclude(id, .void, tenant: tenant)
    }

    /// A reservation as it stands.
    public func reservation(
        _ id: ReservationID,
        tenant: TenantID?
    ) async throws(NodeError) -> Reservation {
        var found = leases.reservation(id)
        if found == nil {
            try await fold()
            found = try await asking { () async throws(LedgerError) in
                try await ledger.reservation(id)
            }
        }
        guard let found, tenant == nil || found.tenant == tenant else {
            throw .reservationNotFound(id)
        }
        return found
    }

    private func conclude(
        _ id: ReservationID,
        _ event: ReservationEvent,
        tenant: TenantID?
    ) async throws(NodeError) -> Reservation {
        let command = ConcludeCommand(
            reservation: id, tenant: tenant, event: event)
        switch try await leases.conclude(command) {
        case .done(let reservation): return reservation
        case .leaseResolved: throw .mismatch
        case .notFound: throw .reservationNotFound(id)
        case .heldBy(let holder): throw .heldElsewhere(holder)
        case .outOfRange: throw .outOfRange
        case .refused(.alreadySettled): throw .reservationSettled
        case .refused(.alreadyVoided): throw .reservationVoided
        case .refused(.meterNotHeld(let index, let meter)):
            throw .meterNotHeld(meter, chargeIndex: index)
        case .refused(.notExpired): throw .reservationNotFound(id)
        case .refused(.outOfRange): throw .outOfRange
        }
    }

    /// Lets the ledger know of everything that was decided before the call.
    public func fold() async throws(NodeError) { try await leases.fold() }

    /// Gives back what is leased and lets the ledger know of everything that was decided before the
    /// call: a copy of it can do without the journal.
    public func recall() async throws(NodeError) { try await leases.recallAll() }

    /// Does what ``recall()`` does and ends the node's life: the last thing that it does.
    public func end() async throws(NodeError) { try await leases.end() }

    /// Does what has become due: expires reservations, closes accounts, forgets old answers.
    ///
    /// - Returns: how many reservations ended and how many accounts closed.
    public func sweep() async throws(NodeError) -> (reservations: Int, accounts: Int) {
        var total = (reservations: 0, accounts: 0)
        try await noteKeyUses()
        total.reservations += try await leases.tend()
        try await fold()
        while true {
            let command = SweepCommand(
                forgetAnswersBefore: now.adding(
                    nanoseconds: -settings.idempotencyWindowNanoseconds),
                maximumAnswers: settings.maximumAnswers)
            let answer = try await asking { () async throws(LedgerError) in
                try await ledger.sweep(command)
            }
            total.reservations += answer.expiredReservations
            total.accounts += answer.closedAccounts
            if answer.isComplete { return total }
        }
    }
}
