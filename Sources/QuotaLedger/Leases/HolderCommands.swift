/// A life of a node that is not over, with how far the streams of its journal are folded.
public struct UnendedHolder: Hashable, Sendable {
    /// The holder.
    public let id: Holder
    /// How far its streams are folded.
    public let positions: [Int: Int64]
    /// Its leases that are not closed.
    public let leases: [LeaseRecord]
    /// The reservations that hold units of them.
    public let reservations: [FoldedReservation]

    /// Creates a description.
    public init(
        id: Holder,
        positions: [Int: Int64],
        leases: [LeaseRecord],
        reservations: [FoldedReservation]
    ) {
        self.id = id
        self.positions = positions
        self.leases = leases
        self.reservations = reservations
    }
}

/// Ends a holder.
public struct EndHolderCommand: Hashable, Sendable {
    /// The holder.
    public let holder: Holder
    /// What is known of its journal.
    public let evidence: JournalEvidence

    /// Creates a command.
    public init(holder: Holder, evidence: JournalEvidence) {
        self.holder = holder
        self.evidence = evidence
    }
}

/// Begins a new life of a node.
///
/// A ledger that does not know the newest life that the node has a journal of is an older copy, and
/// answers `stale`.
public struct BeginHolderCommand: Hashable, Sendable {
    /// The node's name.
    public let name: String
    /// The newest life that the node has a journal of; 0 for none.
    public let newestKnown: Int64
    /// The smallest number that the life may get.
    public let first: Int64

    /// Creates a command.
    public init(name: String, newestKnown: Int64 = 0, first: Int64 = 1) {
        self.name = name
        self.newestKnown = newestKnown
        self.first = first
    }
}

/// The answer to ``LedgerCommand/beginHolder(_:)``.
public struct HolderBegun: Hashable, Sendable {
    /// The new life.
    public let holder: Holder
    /// Earlier lives that are not over, the oldest first: their journals have to be recovered.
    public let unended: [UnendedHolder]
}
