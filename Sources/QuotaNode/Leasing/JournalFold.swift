package import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// Sums a part of a journal up for the ledger: pure.
///
/// Knows what was reported of each lease before, so that reports stay cumulative, and the
/// reservations that are open, so that their ends can be told in full.
package struct JournalFold: Sendable {
    /// Whose journal.
    package let holder: Holder
    private let omitted: OmittedRules
    private var totals: [GrantID: Total]
    private var open: [ReservationID: Hold]

    private var changed: Set<GrantID> = []
    private var closed: Set<GrantID> = []
    private var sums: [SumKey: UsageSum] = [:]
    private var events: [FoldedEvent] = []
    private var requests: [KeyDay: RequestCount] = [:]
    private var reservations: [ReservationID: FoldedReservation] = [:]
    private var answers: [IdempotencyRecord] = []

    /// What is used of a lease since it was made.
    package struct Total: Hashable, Sendable {
        /// Units of the lease.
        var used: Int64 = 0
        /// Units beyond what was held of it.
        var overage: Int64 = 0
    }

    private struct SumKey: Hashable {
        let hour: HourlyUsageKey
        let leases: [GrantID]
        let hasEvents: Bool
    }

    /// Begins where the ledger has come to.
    ///
    /// - Parameters:
    ///   - holder: whose journal.
    ///   - totals: what the ledger knows to be used of the leases that are not closed.
    ///   - open: the reservations that the ledger knows to be held.
    ///   - omitted: rules that a test leaves out.
    package init(
        holder: Holder,
        totals: [GrantID: Total] = [:],
        open: [ReservationID: Hold] = [:],
        omitted: OmittedRules = []
    ) {
        self.omitted = omitted
        self.holder = holder
        self.totals = totals
        self.open = open
    }

    /// Goes on with the journal of a life that is over, where the ledger has come to.
    package init(recovering life: UnendedHolder, omitted: OmittedRules = []) {
        var totals: [GrantID: Total] = [:]
        var accounts: [GrantID: LeaseRecord] = [:]
        for lease in life.leases {
            totals[lease.grant.id] = Total(
                used: lease.reportedUse, overage: lease.reportedOverage)
            accounts[lease.grant.id] = lease
        }
        var open: [ReservationID: Hold] = [:]
        for folded in life.reservations {
            let reservation = folded.reservation
            open[reservation.id] = Hold(
                reservation: reservation,
                // What was reserved is recorded one by one in doubt.
                recordings: reservation.held.map { _ in .event },
                pieces: folded.pieces.compactMap { piece in
                    accounts[piece.lease]
                        .map { lease in
                            Hold.Piece(
                                meter: lease.meter, account: lease.account.key, lease: piece.lease,
                                units: piece.units)
                        }
                }, answer: nil)
        }
        self.init(holder: life.id, totals: totals, open: open, omitted: omitted)
    }

    /// Adds the next entry.
    package mutating func add(_ entry: JournalEntry) {
        switch entry {
        case .used(let consumption): add(consumption)
        case .held(let hold):
            open[hold.reservation.id] = hold
            keep(hold.reservation, hold)
            count(hold.reservation.tenant, hold.reservation.key, hold.reservation.admittedAt)
            if let answer = hold.answer { answers.append(answer) }
        case .concluded(let conclusion): add(conclusion)
        case .closed(let lease):
            changed.insert(lease)
            closed.insert(lease)
        }
    }

    /// Everything since the last command.
    ///
    /// - Parameters:
    ///   - ranges: the part of the journal that it is from.
    ///   - buckets: buckets as they are now.
    /// - Returns: the command.
    package mutating func command(
        _ ranges: [StreamRange],
        buckets: [BucketRecord] = []
    ) -> FoldCommand {
        let command = FoldCommand(
            holder: holder, ranges: ranges,
            uses: changed.sorted { $0.sequence < $1.sequence }
                .map { lease in
                    LeaseUse(
                        lease: lease, used: totals[lease]?.used ?? 0,
                        overage: totals[lease]?.overage ?? 0, isClosed: closed.contains(lease))
                },
            sums: sums.map {
                UseSum(key: $0.hour, sum: $1, leases: $0.leases, hasEvents: $0.hasEvents)
            },
            events: events, requests: requests,
            reservations: reservations.values.sorted { $0.reservation.id < $1.reservation.id },
            answers: omitted.contains(.answersAreFolded) ? [] : answers, buckets: buckets)
        for lease in closed { totals[lease] = nil }
        if omitted.contains(.reportsAreCumulative) { totals = [:] }
        changed = []
        closed = []
        sums = [:]
        events = []
        requests = [:]
        reservations = [:]
        answers = []
        return command
    }

    private mutating func add(_ consumption: Consumption) {
        for use in consumption.uses {
            for lease in use.leases {
                totals[lease, default: Total()].used += use.charge.charge.amount
                changed.insert(lease)
            }
            post(
                use.charge.recording, use.leases,
                UsageEvent(
                    tenant: consumption.tenant, id: consumption.id,
                    meter: use.charge.charge.meter, units: use.charge.charge.amount,
                    overage: use.overage, key: consumption.key, model: consumption.model,
                    admittedAt: consumption.at, postedAt: consumption.at, adjusts: nil,
                    idempotencyKey: consumption.idempotencyKey, metadata: consumption.metadata))
        }
        count(consumption.tenant, consumption.key, consumption.at)
        if let answer = consumption.answer { answers.append(answer) }
    }

    private mutating func add(_ conclusion: Conclusion) {
        guard let hold = open.removeValue(forKey: conclusion.id) else { return }
        var ended = hold.reservation
        ended.state = conclusion.state
        ended.settled = zip(ended.held, conclusion.settled)
            .map { Charge(meter: $0.meter, amount: $1) }
        ended.endedByExpiry = conclusion.endedByExpiry
        keep(ended, hold)
        for piece in hold.pieces {
            guard let charge = ended.settled.first(where: { $0.meter == piece.meter }) else {
                continue
            }
            totals[piece.lease, default: Total()].used += min(charge.amount, piece.units)
            totals[piece.lease, default: Total()].overage += max(0, charge.amount - piece.units)
            changed.insert(piece.lease)
        }
        for (index, charge) in ended.settled.enumerated() {
            let held = ended.held.first { $0.meter == charge.meter }?.amount ?? 0
            let recording = index < hold.recordings.count ? hold.recordings[index] : .event
            post(
                recording, hold.pieces.filter { $0.meter == charge.meter }.map(\.lease),
                UsageEvent(
                    tenant: ended.tenant, id: ended.id.text, meter: charge.meter,
                    units: charge.amount, overage: max(0, charge.amount - held), key: ended.key,
                    model: ended.model, admittedAt: ended.admittedAt,
                    postedAt: conclusion.at, adjusts: nil,
                    idempotencyKey: ended.idempotencyKey, metadata: ended.metadata))
        }
    }

    private mutating func keep(_ reservation: Reservation, _ hold: Hold) {
        reservations[reservation.id] = FoldedReservation(
            reservation: reservation,
            pieces: hold.pieces.map { HeldPiece(lease: $0.lease, units: $0.units) })
    }

    /// Books units, by the rules of `LedgerTransaction.book`.
    private mutating func post(
        _ recording: Meter.Recording,
        _ leases: [GrantID],
        _ event: UsageEvent
    ) {
        if event.units == 0 { return }
        let hasEvent =
            recording == .event || event.idempotencyKey != nil
            || event.metadata != nil || event.overage > 0
        let key = SumKey(hour: event.hour, leases: leases, hasEvents: hasEvent)
        sums[key, default: UsageSum()].add(UsageSum(units: event.units, postings: 1))
        if hasEvent { events.append(FoldedEvent(event: event, leases: leases)) }
    }

    private mutating func count(_ tenant: TenantID, _ key: APIKeyID, _ at: Timestamp) {
        let day = KeyDay(key: key, date: at.date, tenant: tenant)
        let earlier = requests[day] ?? RequestCount(requests: 0, last: .distantPast)
        requests[day] = RequestCount(
            requests: earlier.requests + 1, last: max(earlier.last, at))
    }
}
