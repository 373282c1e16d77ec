import QuotaEngine
package import QuotaLedger
import QuotaModel
package import UsageJournal

/// Puts the records of a stream together to entries again.
///
/// Most records say that one request more has used something of a name, and are recorded in sums
/// only. Who wants sums anyway gets many of these as one entry; see ``takeSums()``.
package struct JournalDecoder: Sendable {
    private let holder: Holder
    /// Whether uses that are recorded in sums are told as sums.
    private let isSumming: Bool
    private var segment: Int64 = -1
    /// The places of names, by their numbers.
    private var places: [UInt32: Int] = [:]
    private var names: [NamedUse] = []
    /// By the place of the name: what is summed up of it.
    private var totals: [UseTotal] = []
    /// The places of names that something is summed up of.
    private var summed: [Int] = []
    /// Sums of segments that were left.
    private var sums: [JournalEntry] = []
    /// The records of an entry whose last has not come.
    private var pending: [Part] = []

    private struct Part: Sendable {
        let record: JournalRecord
        let name: NamedUse?
        let annex: JournalAnnex
    }

    /// Begins at the start of a segment of a life's journal.
    ///
    /// - Parameters:
    ///   - holder: whose life.
    ///   - isSumming: whether ``takeSums()`` is going to be asked.
    package init(holder: Holder, isSumming: Bool = false) {
        self.holder = holder
        self.isSumming = isSumming
    }

    /// Takes the next record.
    ///
    /// - Parameters:
    ///   - record: the record.
    ///   - bytes: its extension.
    ///   - position: its end.
    /// - Returns: the entry that it completes.
    /// - Throws: `damaged` when the records don't make sense, although each is right by itself.
    package mutating func take(
        _ record: JournalRecord,
        _ bytes: UnsafeRawBufferPointer,
        endingAt position: JournalPosition
    ) throws(JournalError) -> JournalEntry? {
        if position.segment != segment {
            segment = position.segment
            sum()
            (places, names, totals) = ([:], [], [])
        }
        if isSumming, record.isPlainUse, bytes.isEmpty, pending.isEmpty,
            let place = places[record.name], totals[place].isSummable
        {
            return add(record, place)
        }
        guard let kind = JournalCodec.Kind(rawValue: record.kind) else {
            throw Self.damaged("a record is of kind \(record.kind)", position)
        }
        if kind == .name {
            guard let name = JournalName(bytes) else { throw Self.damaged("a name", position) }
            places[record.name] = names.count
            names.append(NamedUse(name, holder))
            totals.append(UseTotal(of: name))
            return nil
        }
        if kind == .torn {
            pending = []
            return nil
        }
        guard let annex = JournalAnnex(bytes) else { throw Self.damaged("an annex", position) }
        let named = kind == .used || kind == .held || kind == .extended
        guard let place = places[record.name], named else {
            guard !named else { throw Self.damaged("name \(record.name) is missing", position) }
            return try complete(Part(record: record, name: nil, annex: annex), kind, position)
        }
        return try complete(Part(record: record, name: names[place], annex: annex), kind, position)
    }

    private mutating func complete(
        _ part: Part,
        _ kind: JournalCodec.Kind,
        _ position: JournalPosition
    ) throws(JournalError) -> JournalEntry? {
        if let first = pending.first, first.record.kind != part.record.kind {
            throw Self.damaged("an entry is not whole", position)
        }
        pending.append(part)
        if part.record.flags & JournalCodec.Flag.continues != 0 { return nil }
        defer { pending = [] }
        guard let entry = entry(kind) else { throw Self.damaged("an entry", position) }
        return entry
    }

    private func entry(_ kind: JournalCodec.Kind) -> JournalEntry? {
        switch kind {
        case .used: consumption().map(JournalEntry.used)
        case .held: hold().map(JournalEntry.held)
        case .extended: extended().map(JournalEntry.extended)
        case .concluded: conclusion().map(JournalEntry.concluded)
        case .closed: pending.first.map { .closed(lease($0.record.units)) }
        case .name, .torn: nil
        }
    }

    private func id(_ prefix: String) -> String {
        let first = pending[0]
        return first.annex.id
            ?? PackedID(high: first.record.identifierHigh, low: first.record.identifierLow)
            .text(after: prefix)
    }

    private func lease(_ sequence: Int64) -> GrantID {
        GrantID(holder: holder.name, incarnation: holder.incarnation, sequence: sequence)
    }

    private func consumption() -> Consumption? {
        guard let first = pending.first, let name = first.name?.name else { return nil }
        let uses = pending.compactMap { part -> ChargedUse? in
            part.name?.use(part.record.units, overage: part.record.value)
        }
        return Consumption(
            id: id(JournalCodec.decisionPrefix()), tenant: name.tenant, key: name.key,
            model: name.model, at: Timestamp(nanoseconds: first.record.time), uses: uses,
            metadata: first.annex.metadata, idempotencyKey: first.annex.idempotencyKey,
            answer: first.annex.answer)
    }

    private func hold() -> Hold? {
        guard let first = pending.first, let name = first.name?.name,
            let onExpiry = Reservation.OnExpiry(number: first.record.extra)
        else { return nil }
        let parts = pending.compactMap { part in part.name.map { (part.record, $0.name) } }
        let reservation = Reservation(
            id: ReservationID(trusted: id(JournalCodec.reservationPrefix(holder))),
            tenant: name.tenant, key: name.key, model: name.model,
            held: parts.map { Charge(meter: $1.meter, amount: $0.units) }, onExpiry: onExpiry,
            admittedAt: Timestamp(nanoseconds: first.record.time),
            expiresAt: Timestamp(nanoseconds: first.record.value),
            metadata: first.annex.metadata, idempotencyKey: first.annex.idempotencyKey,
            rates: first.annex.rates)
        return Hold(
            reservation: reservation, recordings: parts.map { $1.recording },
            pieces: parts.flatMap { record, name in
                name.leases.map {
                    Hold.Piece(
                        meter: name.meter, account: $0.account, lease: lease($0.sequence),
                        units: record.units)
                }
            }, answer: first.annex.answer,
            isTransient: first.record.flags & JournalCodec.Flag.isTransient != 0)
    }

    private func extended() -> HoldExtension? {
        guard let first = pending.first, let tenant = first.name?.name.tenant else { return nil }
        let parts = pending.compactMap { part in part.name.map { (part.record, $0.name) } }
        return HoldExtension(
            id: ReservationID(trusted: id(JournalCodec.reservationPrefix(holder))), tenant: tenant,
            added: parts.filter { $0.0.value > 0 }
                .map { Charge(meter: $1.meter, amount: $0.value) },
            pieces: parts.flatMap { record, name in
                name.leases.map {
                    Hold.Piece(
                        meter: name.meter, account: $0.account, lease: lease($0.sequence),
                        units: record.units)
                }
            }, at: Timestamp(nanoseconds: first.record.time))
    }

    private func conclusion() -> Conclusion? {
        guard let first = pending.first,
            let state = Reservation.State(
                number: first.record.flags >> JournalCodec.Flag.stateShift)
        else { return nil }
        return Conclusion(
            id: ReservationID(trusted: id(JournalCodec.reservationPrefix(holder))), state: state,
            settled: state == .settled ? pending.map(\.record.units) : [],
            endedByExpiry: first.record.flags & JournalCodec.Flag.byExpiry != 0,
            at: Timestamp(nanoseconds: first.record.time), note: first.annex.note)
    }

    // MARK: Sums

    /// What was summed up since the last call; until then nothing of it was told.
    package mutating func takeSums() -> [JournalEntry] {
        sum()
        defer { sums = [] }
        return sums
    }

    /// Adds a use to the sum of its name.
    ///
    /// - Returns: the sum so far, where the use does not belong to it any more.
    private mutating func add(_ record: JournalRecord, _ place: Int) -> JournalEntry? {
        var finished: JournalEntry?
        if !totals[place].takes(record) {
            finished = names[place].entry(totals[place])
            totals[place].reset()
        } else if totals[place].times == 0 {
            summed.append(place)
        }
        totals[place].add(record)
        return finished
    }

    /// Ends all sums.
    private mutating func sum() {
        for place in summed {
            sums.append(names[place].entry(totals[place]))
            totals[place].reset()
        }
        summed.removeAll(keepingCapacity: true)
    }

    private static func damaged(_ what: String, _ position: JournalPosition) -> JournalError {
        JournalError(.damaged, "\(what) does not make sense before \(position)")
    }
}
