package import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// Use of one meter by one request.
package struct ChargedUse: Hashable, Sendable {
    /// The units, and how they are recorded.
    package let charge: MeteredCharge
    /// The part that no limit covered.
    package let overage: Int64
    /// The leases it was taken from, one for each budget.
    package let leases: [GrantID]
    /// The accounts of these leases.
    package let accounts: [AccountKey]

    /// Creates a use.
    package init(
        charge: MeteredCharge,
        overage: Int64,
        leases: [GrantID],
        accounts: [AccountKey]
    ) {
        self.charge = charge
        self.overage = overage
        self.leases = leases
        self.accounts = accounts
    }
}

/// A request that was admitted and is settled at once.
package struct Consumption: Hashable, Sendable {
    /// The decision.
    package let id: String
    /// Whose use.
    package let tenant: TenantID
    /// The key that asked.
    package let key: APIKeyID
    /// The model.
    package let model: ModelName?
    /// When.
    package let at: Timestamp
    /// What was used.
    package let uses: [ChargedUse]
    /// The caller's metadata.
    package let metadata: String?
    /// The caller's idempotency key.
    package let idempotencyKey: ExactString?
    /// The answer to keep for it.
    package internal(set) var answer: IdempotencyRecord?
    /// How many requests these are, in sums of what is recorded in sums: all in one hour, the last
    /// of them at ``at``.
    package let times: Int64

    /// Creates a consumption.
    package init(
        id: String,
        tenant: TenantID,
        key: APIKeyID,
        model: ModelName?,
        at: Timestamp,
        uses: [ChargedUse],
        metadata: String?,
        idempotencyKey: ExactString?,
        answer: IdempotencyRecord?,
        times: Int64 = 1
    ) {
        self.times = times
        self.id = id
        self.tenant = tenant
        self.key = key
        self.model = model
        self.at = at
        self.uses = uses
        self.metadata = metadata
        self.idempotencyKey = idempotencyKey
        self.answer = answer
    }
}

/// A reservation with what it holds.
package struct Hold: Hashable, Sendable {
    /// The reservation, as it was made, with what it was extended by.
    package internal(set) var reservation: Reservation
    /// How use of its meters is recorded, in the order of `held`.
    package let recordings: [Meter.Recording]
    /// What it holds of each lease: one piece of each, in the order in which they were taken.
    package internal(set) var pieces: [Piece]
    /// The answer to keep for its idempotency key.
    package internal(set) var answer: IdempotencyRecord?

    /// A part of a lease.
    package struct Piece: Hashable, Sendable {
        /// What is counted.
        package let meter: MeterID
        /// The account.
        package let account: AccountKey
        /// The lease.
        package let lease: GrantID
        /// The units.
        package internal(set) var units: Int64
    }
}

/// Units that a reservation takes on top of what it holds.
package struct HoldExtension: Hashable, Sendable {
    /// The most leases of one account that a reservation holds of.
    package static let maximumPiecesPerAccount = 64

    /// The reservation.
    package let id: ReservationID
    /// Whose it is.
    package let tenant: TenantID
    /// The units, one charge a meter, of meters that it holds.
    package let added: [Charge]
    /// What it takes of each lease, those of a meter beside each other.
    ///
    /// Of a limit that the hold did not have before, it is all that is held from now on.
    package let pieces: [Hold.Piece]
    /// When.
    package let at: Timestamp
}

/// The end of a reservation.
package struct Conclusion: Hashable, Sendable {
    /// The reservation.
    package let id: ReservationID
    /// How it ended.
    package let state: Reservation.State
    /// The units that were used, in the order of its `held`; empty when nothing is booked.
    package let settled: [Int64]
    /// Whether time ended it.
    package let endedByExpiry: Bool
    /// When it ended.
    package let at: Timestamp
    /// What its holder said to the use, which is kept with the events in place of the metadata.
    package let note: String?

    /// Creates an end.
    package init(
        id: ReservationID,
        state: Reservation.State,
        settled: [Int64],
        endedByExpiry: Bool,
        at instant: Timestamp,
        note: String? = nil
    ) {
        self.id = id
        self.state = state
        self.settled = settled
        self.endedByExpiry = endedByExpiry
        at = instant
        self.note = note
    }
}

/// What a node writes into its journal before it answers.
package enum JournalEntry: Hashable, Sendable {
    /// Units were used.
    case used(Consumption)
    /// Units are held.
    case held(Hold)
    /// More units are held.
    case extended(HoldExtension)
    /// A reservation ended.
    case concluded(Conclusion)
    /// A lease ended: nothing is held from it, and nothing will be taken.
    case closed(GrantID)
}

extension JournalEntry {
    /// Adds the answer that is kept for the request's idempotency key.
    package mutating func attach(_ answer: IdempotencyRecord) {
        switch self {
        case .used(var consumption):
            consumption.answer = answer
            self = .used(consumption)
        case .held(var hold):
            hold.answer = answer
            self = .held(hold)
        case .extended, .concluded, .closed:
            assertionFailure("only requests for units keep answers")
        }
    }
}
