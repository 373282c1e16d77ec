import QuotaEngine
import QuotaLedger
import QuotaModel
import UsageJournal

/// Entries as records: one for each meter, of which all but the last say that more follow, so that
/// a torn entry is dropped whole.
enum JournalCodec {
    /// What a record is about.
    enum Kind: UInt8 {
        /// A name that later records of the segment refer to.
        case name = 1
        case used
        case held
        case concluded
        case closed
        /// The records before it that wait for more were given up.
        case torn
        case extended
    }

    /// Bits of a record's flags.
    enum Flag {
        /// More records of the same entry follow.
        static let continues: UInt8 = 1
        /// Time has ended the reservation.
        static let byExpiry: UInt8 = 2
        /// The state that a reservation ended in, from this bit on.
        static let stateShift: UInt8 = 4
    }

    /// A record before it has the number of its name.
    struct Draft {
        var record: JournalRecord
        var name: JournalName?
        var annex = JournalAnnex()
    }

    static func decisionPrefix() -> String { "d_" }

    static func reservationPrefix(_ holder: Holder) -> String {
        "r_\(holder.name).\(holder.incarnation)."
    }

    /// The records of an entry.
    static func drafts(of entry: JournalEntry, holder: Holder) -> [Draft] {
        var drafts: [Draft]
        switch entry {
        case .used(let consumption): drafts = Self.drafts(of: consumption)
        case .held(let hold): drafts = Self.drafts(of: hold, holder: holder)
        case .extended(let extended): drafts = Self.drafts(of: extended, holder: holder)
        case .concluded(let conclusion): drafts = Self.drafts(of: conclusion, holder: holder)
        case .closed(let lease):
            drafts = [
                Draft(record: JournalRecord(kind: Kind.closed.rawValue, units: lease.sequence))
            ]
        }
        for index in drafts.indices.dropLast() {
            drafts[index].record.flags |= Flag.continues
        }
        return drafts
    }

    private static func drafts(of consumption: Consumption) -> [Draft] {
        var drafts = consumption.uses.map { use in
            Draft(
                record: JournalRecord(
                    kind: Kind.used.rawValue, time: consumption.at.nanoseconds,
                    units: use.charge.charge.amount, value: use.overage),
                name: JournalName(
                    tenant: consumption.tenant, key: consumption.key, model: consumption.model,
                    meter: use.charge.charge.meter, recording: use.charge.recording,
                    leases: zip(use.leases, use.accounts)
                        .map { JournalName.Lease(sequence: $0.sequence, account: $1) }))
        }
        drafts.identify(consumption.id, after: decisionPrefix())
        guard !drafts.isEmpty else { return drafts }
        drafts[0].annex.metadata = consumption.metadata
        drafts[0].annex.idempotencyKey = consumption.idempotencyKey
        drafts[0].annex.answer = consumption.answer
        return drafts
    }

    private static func drafts(of hold: Hold, holder: Holder) -> [Draft] {
        let reservation = hold.reservation
        var drafts = reservation.held.enumerated()
            .map { index, charge in
                Draft(
                    record: JournalRecord(
                        kind: Kind.held.rawValue, extra: reservation.onExpiry.number,
                        time: reservation.admittedAt.nanoseconds, units: charge.amount,
                        value: reservation.expiresAt.nanoseconds),
                    name: JournalName(
                        tenant: reservation.tenant, key: reservation.key,
                        model: reservation.model, meter: charge.meter,
                        recording: index < hold.recordings.count ? hold.recordings[index] : .event,
                        leases: hold.pieces.filter { $0.meter == charge.meter }
                            .map {
                                JournalName.Lease(sequence: $0.lease.sequence, account: $0.account)
                            }))
            }
        drafts.identify(reservation.id.text, after: reservationPrefix(holder))
        guard !drafts.isEmpty else { return drafts }
        drafts[0].annex.metadata = reservation.metadata
        drafts[0].annex.idempotencyKey = reservation.idempotencyKey
        drafts[0].annex.answer = hold.answer
        drafts[0].annex.rates = reservation.rates
        return drafts
    }

    /// A record for each meter, and one more for each limit that takes another number of units.
    private static func drafts(of extended: HoldExtension, holder: Holder) -> [Draft] {
        var drafts: [Draft] = []
        for charge in extended.added {
            var pieces = extended.pieces.filter { $0.meter == charge.meter }[...]
            var added = charge.amount
            repeat {
                let units = pieces.first?.units ?? 0
                let alike = pieces.prefix { $0.units == units }
                pieces = pieces.dropFirst(alike.count)
                drafts.append(
                    Draft(
                        record: JournalRecord(
                            kind: Kind.extended.rawValue, time: extended.at.nanoseconds,
                            units: units, value: added),
                        name: JournalName(
                            tenant: extended.tenant, key: .service, model: nil,
                            meter: charge.meter, recording: .event,
                            leases: alike.map {
                                JournalName.Lease(
                                    sequence: $0.lease.sequence, account: $0.account)
                            })))
                added = 0
            } while !pieces.isEmpty
        }
        drafts.identify(extended.id.text, after: reservationPrefix(holder))
        return drafts
    }

    private static func drafts(of conclusion: Conclusion, holder: Holder) -> [Draft] {
        let flags =
            conclusion.state.number << Flag.stateShift
            | (conclusion.endedByExpiry ? Flag.byExpiry : 0)
        let amounts = conclusion.settled.isEmpty ? [0] : conclusion.settled
        var drafts = amounts.map { amount in
            Draft(
                record: JournalRecord(
                    kind: Kind.concluded.rawValue, flags: flags,
                    time: conclusion.at.nanoseconds, units: amount))
        }
        drafts.identify(conclusion.id.text, after: reservationPrefix(holder))
        drafts[0].annex.note = conclusion.note
        return drafts
    }
}

extension [JournalCodec.Draft] {
    /// Gives each record the entry's id, packed where it can be.
    fileprivate mutating func identify(_ id: String, after prefix: String) {
        guard !isEmpty else { return }
        guard let packed = PackedID(id, after: prefix) else {
            self[0].annex.id = id
            return
        }
        for index in indices {
            self[index].record.identifierHigh = packed.high
            self[index].record.identifierLow = packed.low
        }
    }
}

extension Reservation.OnExpiry {
    var number: UInt32 {
        switch self {
        case .suspect: 0
        case .post: 1
        case .void: 2
        }
    }

    init?(number: UInt32) {
        guard let found = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = found
    }
}

extension Reservation.State {
    var number: UInt8 {
        switch self {
        case .held: 0
        case .settled: 1
        case .voided: 2
        case .suspect: 3
        }
    }

    init?(number: UInt8) {
        guard let found = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = found
    }
}
