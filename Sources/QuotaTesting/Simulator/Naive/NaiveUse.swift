import QuotaEngine
import QuotaLedger
import QuotaModel

/// Units that one request was given.
struct NaiveUse {
    /// What it took from one limit.
    struct Part {
        let meter: MeterID
        let account: AccountID
        /// Nil when the ledger gave the units itself.
        let lease: GrantID?
        var units: Int64
    }

    /// What it was given later.
    struct Extension {
        let added: [MeterID: Int64]
        let parts: [Part]
        /// Whether the ledger was told.
        var isTold = false
        /// Whether the record of it was lost.
        var isLost = false
    }

    let id: String
    let tenant: TenantID
    /// The client's question.
    let operation: Int
    /// The node that gave them; nil when it was the ledger.
    let life: NaiveCluster.Life?
    let key: APIKeyID
    /// By the clock of whoever gave them.
    let at: Timestamp
    /// By meter, when it was made.
    let heldAtFirst: [MeterID: Int64]
    /// One for each budget, when it was made.
    let partsAtFirst: [Part]
    /// The rates that it passed.
    let rates: [(meter: MeterID, key: AccountKey)]
    /// Nil when the units were used at once.
    let onExpiry: Reservation.OnExpiry?
    let expiresAt: Timestamp
    /// Whether limits refuse; what goes beyond them is an overage otherwise.
    let isEnforced: Bool
    /// In the order in which they were given.
    var extensions: [Extension] = []
    /// What has become of it, known or not.
    var truth: NaiveOutcome
    /// What the ledger has to know; nil before the journal is folded.
    var known: NaiveOutcome?
    /// Whether its client was told.
    var isAcknowledged = false
    /// Whether all record of it was lost.
    var isLost = false
    /// Whether the record of its end was lost.
    var isEndLost = false
    /// Whether the ledger has ended it in the place of its silent node, whose word does not count.
    var isDecided = false
    /// What is booked of it.
    var booked: [MeterID: Int64] = [:]
    /// The closed period of it that a late booking named; nil when all was on time.
    var adjusts: Set<Timestamp> = []
    /// Whether a booking came while its period was closing, so that either is right.
    var mayAdjust = false
    /// What an operator has found to be lost of it, by the lease that it was taken of.
    var found: [GrantID: Int64] = [:]

    /// Whether more was used than the ledger will ever be told: all of it, or what was said in an
    /// end that was lost before another was said.
    var mayBeUnknown: Bool { isLost || isEndLost && known?.isEnded ?? false }

    var isReservation: Bool { onExpiry != nil }

    var hasLostExtension: Bool { extensions.contains(where: \.isLost) }

    /// What it was given in all, by meter.
    var held: [MeterID: Int64] { Self.held(heldAtFirst, extensions) }

    /// The same, as far as the ledger was told.
    var toldHeld: [MeterID: Int64] { Self.held(heldAtFirst, extensions.filter(\.isTold)) }

    /// All parts, those of one lease together.
    var parts: [Part] { Self.parts(partsAtFirst, extensions) }

    /// The same, as far as the ledger was told.
    var toldParts: [Part] { Self.parts(partsAtFirst, extensions.filter(\.isTold)) }

    private static func held(
        _ first: [MeterID: Int64],
        _ extensions: [Extension]
    ) -> [MeterID: Int64] {
        extensions.reduce(first) { $0.merging($1.added) { $0 + $1 } }
    }

    private static func parts(_ first: [Part], _ extensions: [Extension]) -> [Part] {
        var parts = first
        for part in extensions.flatMap(\.parts) {
            if let place = parts.firstIndex(where: { $0.lease == part.lease }) {
                parts[place].units += part.units
            } else {
                parts.append(part)
            }
        }
        return parts
    }

    /// What falls on each part, and beyond it: use fills the parts of a limit in turn, and what is
    /// beyond all of them falls on the last.
    static func shares(
        _ parts: [Part],
        of used: (MeterID) -> Int64
    ) -> [(within: Int64, beyond: Int64)] {
        parts.indices.map { place in
            let part = parts[place]
            let before = parts[..<place].filter { $0.account.key == part.account.key }
                .reduce(0) { $0 + $1.units }
            let isLast = !parts[(place + 1)...].contains { $0.account.key == part.account.key }
            let left = max(0, used(part.meter) - before)
            let within = min(part.units, left)
            return (within, isLast ? left - within : 0)
        }
    }

    /// The units it takes of each part: never more than it was given, since the rest is an overage.
    ///
    /// What the ledger has ended in the place of its node takes none: the node may have ended it
    /// before, and have given its units to others.
    var taken: [(part: Part, units: Int64)] {
        let (parts, held) = (parts, held)
        if truth.wasVoided || isDecided { return parts.map { ($0, 0) } }
        let shares = Self.shares(parts) { truth.units(of: $0, held: held) }
        return zip(parts, shares).map { ($0, $1.within) }
    }

    /// The units that the ledger posts on each part, where these were used.
    func posted(_ used: [MeterID: Int64]) -> [Int64] {
        var parts = toldParts
        // What was given back is beyond everything when it is used all the same.
        if known?.wasVoided ?? false {
            for place in parts.indices { parts[place].units = 0 }
        }
        return Self.shares(parts) { used[$0] ?? 0 }.map { $0.within + $0.beyond }
    }

    /// What was used of a lease, is not recorded anywhere and was not found either.
    func lostUnits(of lease: GrantID) -> Int64 {
        max(0, unrecorded(of: lease) - (found[lease] ?? 0))
    }

    /// What was used of a lease and was never told the ledger.
    private func unrecorded(of lease: GrantID) -> Int64 {
        let (parts, held) = (parts, held)
        let shares = Self.shares(parts) { truth.units(of: $0, held: held) }
        if mayBeUnknown {
            let all = zip(parts, shares).filter { $0.0.lease == lease }
                .reduce(0) { $0 + $1.1.within + $1.1.beyond }
            let told = zip(toldParts, posted(booked)).filter { $0.0.lease == lease }
                .reduce(0) { $0 + $1.1 }
            return all - told
        }
        guard hasLostExtension, !truth.wasVoided else { return 0 }
        let taken = zip(parts, shares).filter { $0.0.lease == lease }
            .reduce(0) { $0 + $1.1.within }
        let told = toldParts.filter { $0.lease == lease }.reduce(0) { $0 + $1.units }
        return taken - told
    }

    /// Tells what really happened.
    ///
    /// - Returns: false when it can't be.
    mutating func endTruly(_ event: ReservationEvent) -> Bool {
        truth.end(event, held: held, onExpiry: onExpiry ?? .suspect)
    }

    /// What the ledger has to know after an event; nil when it has to refuse it.
    func afterwards(_ event: ReservationEvent) -> NaiveOutcome? {
        guard var outcome = known else { return nil }
        return outcome.end(event, held: toldHeld, onExpiry: onExpiry ?? .suspect) ? outcome : nil
    }
}
