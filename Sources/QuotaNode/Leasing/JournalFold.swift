package import QuotaEngine
package import QuotaLedger
import QuotaModel

/// Sums a part of a journal up for the ledger: pure.
///
/// Knows what was reported of each lease before, so that reports stay cumulative, and the
/// reservations that are open, so that their ends can be told in full.
package struct JournalFold: Sendable {
    /// Whose journal.
    package let holder: Holder
    private let omitted: OmittedRules
    /// Units that were used of each lease that is not closed, by its number: all are of the holder.
    private var used: [Int64: Int64]
    /// Units beyond what was held of a lease, where there are any.
    private var overages: [Int64: Int64] = [:]
    private var open: [ReservationID: Hold]
    /// Reservations that were made since the last command: the ledger has never heard of them.
    private var fresh: Set<ReservationID> = []

    private var changes: [Int64: LeaseChange] = [:]
    private var sums = KeyedSums<SumKey, UsageSum>()
    private var events: [FoldedEvent] = []
    private var requests = KeyedSums<KeyDay, RequestCount>()
    private var reservations: [ReservationID: FoldedReservation] = [:]
    private var answers: [IdempotencyRecord] = []

    /// What the ledger has to be told of a lease.
    private struct LeaseChange {
        var used: Int64 = 0
        var isClosed = false
        /// Where the sums are that its last use went into; mostly the next one goes there, too.
        var sum = 0
        var request = 0
    }

    private struct SumKey: Hashable {
        let hour: HourlyUsageKey
        let leases: [GrantID]
        let hasEvents: Bool
    }

    /// Begins a journal.
    package init(holder: Holder, omitted: OmittedRules = []) {
        self.omitted = omitted
        self.holder = holder
        used = [:]
        open = [:]
    }

    /// Goes on with the journal of a life that is over, where the ledger has come to.
    package init(recovering life: UnendedHolder, omitted: OmittedRules = []) {
        self.init(holder: life.id, omitted: omitted)
        var accounts: [GrantID: LeaseRecord] = [:]
        for lease in life.leases {
            let number = lease.grant.id.sequence
            used[number] = lease.reportedUse
            if lease.reportedOverage > 0 { overages[number] = lease.reportedOverage }
            accounts[lease.grant.id] = lease
        }
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
    }

    /// Adds the next entry.
    package mutating func add(_ entry: JournalEntry) {
        switch entry {
        case .used(let consumption): add(consumption)
        case .held(let hold):
            open[hold.reservation.id] = hold
            if hold.isTransient { fresh.insert(hold.reservation.id) }
            keep(hold.reservation, hold)
            count(
                hold.reservation.tenant, hold.reservation.key, hold.reservation.admittedAt,
                from: hold.pieces.first?.lease)
            if let answer = hold.answer { answers.append(answer) }
        case .extended(let extended):
            guard var hold = open[extended.id], !omitted.contains(.extensionsAreFolded) else {
                return
            }
            hold.grow(by: extended)
            open[extended.id] = hold
            keep(hold.reservation, hold)
        case .concluded(let conclusion): add(conclusion)
        case .closed(let lease):
            changes[lease.sequence, default: LeaseChange()].isClosed = true
        }
    }

    /// Takes note of what was used of a lease, if anything.
    private mutating func note(_ lease: GrantID, used: Int64 = 0, overage: Int64 = 0) {
        changes[lease.sequence, default: LeaseChange()].used += used
        if overage > 0 { overages[lease.sequence, default: 0] += overage }
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
            uses: changes.sorted { $0.key < $1.key }
                .map { number, change in
                    LeaseUse(
                        lease: GrantID(
                            holder: holder.name, incarnation: holder.incarnation,
                            sequence: number), used: (used[number] ?? 0) + change.used,
                        overage: overages[number] ?? 0, isClosed: change.isClosed)
                },
            sums: sums.entries.map {
                UseSum(
                    key: $0.key.hour, sum: $0.sum, leases: $0.key.leases,
                    hasEvents: $0.key.hasEvents)
            },
            events: events,
            requests: Dictionary(
                uniqueKeysWithValues: requests.entries.map { ($0.key, $0.sum) }),
            reservations: reservations.values.sorted { $0.reservation.id < $1.reservation.id },
            answers: omitted.contains(.answersAreFolded) ? [] : answers, buckets: buckets)
        for (number, change) in changes {
            if change.isClosed {
                used[number] = nil
                overages[number] = nil
            } else {
                used[number, default: 0] += change.used
            }
        }
        if omitted.contains(.reportsAreCumulative) { (used, overages) = ([:], [:]) }
        changes = [:]
        sums = KeyedSums()
        events = []
        requests = KeyedSums()
        reservations = [:]
        fresh = []
        answers = []
        return command
    }

    private mutating func add(_ consumption: Consumption) {
        for use in consumption.uses {
            for lease in use.leases { note(lease, used: use.charge.charge.amount) }
            post(
                Posting(
                    charge: use.charge, overage: use.overage, leases: use.leases,
                    at: consumption.at), consumption)
        }
        let first = consumption.uses.first?.leases.first
        count(
            consumption.tenant, consumption.key, consumption.at, consumption.times, from: first)
        if let answer = consumption.answer { answers.append(answer) }
    }

    private mutating func add(_ conclusion: Conclusion) {
        guard let hold = open.removeValue(forKey: conclusion.id) else { return }
        var ended = hold.reservation
        ended.state = conclusion.state
        ended.settled = zip(ended.held, conclusion.settled)
            .map { Charge(meter: $0.meter, amount: $1) }
        ended.endedByExpiry = conclusion.endedByExpiry
        if fresh.contains(ended.id), ended.state != .suspect {
            // It came and went: what it used is all that there is to tell.
            reservations[ended.id] = nil
        } else {
            keep(ended, hold)
        }
        for (piece, share) in zip(hold.pieces, hold.shares(of: ended)) {
            note(piece.lease, used: share.used, overage: share.beyond)
        }
        for (index, charge) in ended.settled.enumerated() {
            let held = ended.held.first { $0.meter == charge.meter }?.amount ?? 0
            let recording = index < hold.recordings.count ? hold.recordings[index] : .event
            post(
                Posting(
                    charge: MeteredCharge(charge: charge, recording: recording),
                    overage: max(0, charge.amount - held),
                    leases: hold.pieces.filter { $0.meter == charge.meter }.map(\.lease),
                    at: conclusion.at, note: conclusion.note),
                Consumption(
                    id: ended.id.text, tenant: ended.tenant, key: ended.key, model: ended.model,
                    at: ended.admittedAt, uses: [], metadata: ended.metadata,
                    idempotencyKey: ended.idempotencyKey, answer: nil))
        }
    }

    private mutating func keep(_ reservation: Reservation, _ hold: Hold) {
        reservations[reservation.id] = FoldedReservation(
            reservation: reservation,
            pieces: hold.pieces.map { HeldPiece(lease: $0.lease, units: $0.units) })
    }

    /// Units of one meter.
    private struct Posting {
        let charge: MeteredCharge
        let overage: Int64
        let leases: [GrantID]
        let at: Timestamp
        var note: String?
    }

    /// Books units of a request, by the rules of `LedgerTransaction.book`.
    private mutating func post(_ posting: Posting, _ request: Consumption) {
        let charge = posting.charge.charge
        if charge.amount == 0 { return }
        let hasEvent =
            posting.charge.recording == .event || request.idempotencyKey != nil
            || request.metadata != nil || posting.overage > 0
        let key = SumKey(
            hour: HourlyUsageKey(
                tenant: request.tenant, key: request.key, meter: charge.meter,
                model: request.model, hour: request.at.startOfHour),
            leases: posting.leases, hasEvents: hasEvent)
        let lease = posting.leases.first?.sequence
        let guess = lease.flatMap { changes[$0]?.sum }
        let place = sums.place(of: key, near: guess, UsageSum())
        sums.entries[place].sum.add(UsageSum(units: charge.amount, postings: request.times))
        if let lease, place != guess { changes[lease]?.sum = place }
        guard hasEvent else { return }
        events.append(
            FoldedEvent(
                event: UsageEvent(
                    tenant: request.tenant, id: request.id, meter: charge.meter,
                    units: charge.amount, overage: posting.overage, key: request.key,
                    model: request.model, admittedAt: request.at, postedAt: posting.at,
                    adjusts: nil, idempotencyKey: request.idempotencyKey,
                    metadata: posting.note ?? request.metadata), leases: posting.leases))
    }

    /// Counts requests, which took from a lease or from none.
    private mutating func count(
        _ tenant: TenantID,
        _ key: APIKeyID,
        _ at: Timestamp,
        _ times: Int64 = 1,
        from lease: GrantID?
    ) {
        let guess = lease.flatMap { changes[$0.sequence]?.request }
        let place = requests.place(
            of: KeyDay(key: key, date: at.date, tenant: tenant), near: guess,
            RequestCount(requests: 0, last: .distantPast))
        requests.entries[place].sum.requests += times
        requests.entries[place].sum.last = max(requests.entries[place].sum.last, at)
        if let lease, place != guess { changes[lease.sequence]?.request = place }
    }
}

/// Sums by key, in the order in which the keys came.
private struct KeyedSums<Key: Hashable & Sendable, Sum: Sendable>: Sendable {
    var entries: [(key: Key, sum: Sum)] = []
    private var places: [Key: Int] = [:]

    /// The place of a key's sum.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - guess: where it may be: there it is found without hashing it.
    ///   - empty: what its sum begins with.
    /// - Returns: the place in `entries`.
    mutating func place(of key: Key, near guess: Int?, _ empty: Sum) -> Int {
        if let guess, guess < entries.count, entries[guess].key == key { return guess }
        if let known = places[key] { return known }
        entries.append((key, empty))
        places[key] = entries.count - 1
        return entries.count - 1
    }
}
