import QuotaEngine
import QuotaLedger
public import QuotaModel

extension QuotaNode {
    /// Books the true use of a reservation and gives the rest back.
    ///
    /// A held meter that is missing in `charges` settles as held. The reservation must belong to
    /// `tenant`, or to any when that is nil.
    ///
    /// - Parameters:
    ///   - id: the reservation.
    ///   - charges: what was used.
    ///   - note: what the holder has to say to it, a JSON object as text of at most
    ///     ``QuotaLedger/ConcludeCommand/maximumNoteBytes`` bytes: it is kept with the events that
    ///     are booked, in place of the reservation's metadata. A meter that is recorded by the hour
    ///     has no event because of it.
    ///   - tenant: whose reservation it must be.
    /// - Returns: the reservation as it ended, now or before; the first outcome stands, with its
    ///   note.
    /// - Throws: why it can't end that way.
    public func settle(
        _ id: ReservationID,
        charges: [Charge],
        note: String? = nil,
        tenant: TenantID?
    ) async throws(NodeError) -> Reservation {
        if let note, note.utf8.count > ConcludeCommand.maximumNoteBytes {
            throw .invalid(
                field: "note", "is longer than \(ConcludeCommand.maximumNoteBytes) bytes")
        }
        try checkSums(charges)
        return try await conclude(id, .settle(charges), note: note, tenant: tenant)
    }

    /// Fails when the charges of a meter are too much together.
    func checkSums(_ charges: [Charge]) throws(NodeError) {
        var sums: [MeterID: Int64] = [:]
        for (index, charge) in charges.enumerated() {
            // Two amounts of at most 2^53 can't leave 64 bits.
            let sum = (sums[charge.meter] ?? 0) + charge.amount
            guard sum <= Amount.maximum else {
                throw .chargesTooLarge(charge.meter, chargeIndex: index)
            }
            sums[charge.meter] = sum
        }
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
            try await leases.foldIfPossible()
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
        note: String? = nil,
        tenant: TenantID?
    ) async throws(NodeError) -> Reservation {
        let command = ConcludeCommand(
            reservation: id, tenant: tenant, event: event, note: note)
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

    /// How many days notifications are kept.
    private static let notificationDays: Int64 = 30

    private func daysAgo(_ days: Int64) -> Timestamp {
        now.adding(nanoseconds: -days * 86_400_000_000_000)
    }

    /// Does what has become due: expires reservations, closes accounts, forgets old answers.
    ///
    /// - Returns: how many reservations ended and how many accounts closed.
    public func sweep() async throws(NodeError) -> (reservations: Int, accounts: Int) {
        var total = (reservations: 0, accounts: 0)
        try await noteKeyUses()
        total.reservations += try await leases.tend()
        try await fold()
        var place: EndedAccountPlace?
        while true {
            let command = SweepCommand(
                forgetAnswersBefore: now.adding(
                    nanoseconds: -settings.idempotencyWindowNanoseconds),
                maximumAnswers: settings.maximumAnswers,
                forgetNotificationsBefore: daysAgo(Self.notificationDays),
                condenseArchivesBefore: daysAgo(Int64(settings.archiveDays)), after: place)
            let answer = try await asking { () async throws(LedgerError) in
                try await ledger.sweep(command)
            }
            total.reservations += answer.expiredReservations
            total.accounts += answer.closedAccounts
            // Their nodes still show, and may still spend, what has expired.
            if !answer.changed.isEmpty {
                try await leases.recall(Set(answer.changed.map(\.tenant)))
            }
            if answer.isComplete { return total }
            place = answer.next ?? place
        }
    }
}
