public import QuotaModel

/// One life of a node that leases units.
public struct Holder: Hashable, Sendable {
    /// The node's name.
    public let name: String
    /// Which life; a restart is a new one.
    public let incarnation: Int64

    /// Creates a holder.
    public init(name: String, incarnation: Int64) {
        self.name = name
        self.incarnation = incarnation
    }
}

/// A holder as the ledger keeps it.
public struct HolderRecord: Hashable, Sendable {
    /// What the ledger thinks of a holder.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It may lease.
        case live
        /// It is over: all that it knew is in the ledger, or lost.
        case ended
    }

    /// The holder.
    public let id: Holder
    /// Whether it is over.
    public var state: State
    /// How often it fell silent; leases of an earlier epoch can't be spent any more.
    public var epoch: Int64
    /// Grants with a smaller sequence were answered, and are not made any more.
    public var floor: Int64
    /// When it was last heard of, on the steady clock of the store as it is open now.
    ///
    /// That clock may begin elsewhere when the store is opened anew: then every life of before
    /// counts as heard of at the opening, and its silence begins there.
    public var heardAt: Timestamp
    /// How far the streams of its journal are folded.
    public var positions: [Int: Int64]

    /// A new holder.
    public init(
        id: Holder,
        state: State = .live,
        epoch: Int64 = 0,
        floor: Int64 = 0,
        heardAt: Timestamp,
        positions: [Int: Int64] = [:]
    ) {
        self.id = id
        self.state = state
        self.epoch = epoch
        self.floor = floor
        self.heardAt = heardAt
        self.positions = positions
    }
}

/// What is known of a holder's journal when the holder is over.
public enum JournalEvidence: String, Hashable, Sendable, CaseIterable {
    /// Every record is folded: what is left of its leases was not used.
    case complete
    /// Records may be missing: what is left may have been used.
    case incomplete
}
