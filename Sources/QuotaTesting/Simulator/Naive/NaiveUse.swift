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
    /// By meter.
    let held: [MeterID: Int64]
    /// One for each budget.
    let parts: [Part]
    /// The rates that it passed.
    let rates: [(meter: MeterID, key: AccountKey)]
    /// Nil when the units were used at once.
    let onExpiry: Reservation.OnExpiry?
    let expiresAt: Timestamp
    /// Whether limits refuse; what goes beyond them is an overage otherwise.
    let isEnforced: Bool
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
    /// The leases for which an operator has said what was used of it.
    var resolved: Set<GrantID> = []

    /// Whether more was used than the ledger will ever be told: all of it, or what was said in an
    /// end that was lost before another was said.
    var mayBeUnknown: Bool { isLost || isEndLost && known?.isEnded ?? false }

    var isReservation: Bool { onExpiry != nil }

    /// The units it takes of a limit: never more than it was given, since the rest is an overage.
    ///
    /// What the ledger has ended in the place of its node takes none: the node may have ended it
    /// before, and have given its units to others.
    func taken(of meter: MeterID) -> Int64 {
        truth.wasVoided || isDecided ? 0 : min(held[meter] ?? 0, truth.units(of: meter, held: held))
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
        return outcome.end(event, held: held, onExpiry: onExpiry ?? .suspect) ? outcome : nil
    }
}
