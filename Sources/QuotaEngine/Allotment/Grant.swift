/// Who made a grant, and which of theirs it is: unique for ever.
public struct GrantID: Hashable, Sendable {
    /// The node or tier that holds the units.
    public let holder: String
    /// Which life of the holder; a restart is a new one.
    public let incarnation: Int64
    /// Which grant of that life.
    public let sequence: Int64

    /// Creates a grant's id.
    public init(holder: String, incarnation: Int64, sequence: Int64) {
        self.holder = holder
        self.incarnation = incarnation
        self.sequence = sequence
    }
}

/// Units that left *available* so that a holder may spend them.
///
/// Invariant: `posted`, `returned` and `carved` are not negative, only grow, and are at most `size`
/// together.
public struct Grant: Hashable, Sendable {
    /// How far a grant has come: open → closed, or open → suspect → closed.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// The holder may spend it.
        case open
        /// The holder fell silent; the rest waits for evidence.
        case suspect
        /// Nothing is left of it.
        case closed
    }

    /// Who holds it.
    public let id: GrantID
    /// The units granted.
    public let size: Int64
    /// Settled use, cumulative, up to what was not returned.
    public internal(set) var posted: Int64
    /// Units given back, cumulative.
    public internal(set) var returned: Int64
    /// Units that became grants of their own, cumulative; see ``carve(_:size:)``.
    public internal(set) var carved: Int64
    /// Reported use beyond the grant, cumulative.
    public internal(set) var overage: Int64
    /// How far it has come.
    public internal(set) var state: State

    /// A grant as it was made, or as a store kept it.
    public init(
        id: GrantID,
        size: Int64,
        posted: Int64 = 0,
        returned: Int64 = 0,
        carved: Int64 = 0,
        overage: Int64 = 0,
        state: State = .open
    ) {
        self.id = id
        self.size = size
        self.posted = posted
        self.returned = returned
        self.carved = carved
        self.overage = overage
        self.state = state
    }

    /// The units that are neither used nor given away.
    public var rest: Int64 { size - posted - returned - carved }
}

extension Grant {
    /// Takes note of use that came too late for the account, whose period is closed.
    ///
    /// - Returns: the part of the use that is not booked yet and has to be booked elsewhere.
    public mutating func reportLate(used: Int64) throws(AccountError) -> Int64 {
        guard used >= 0 else { throw .invalidAmount }
        let unbooked = max(0, used - posted - overage)
        overage += unbooked
        return unbooked
    }

    /// Ends a grant whose period is closed: its rest has expired.
    public mutating func close() { state = .closed }

    /// Ends a grant whose period is closed.
    ///
    /// - Returns: the part of the use that is not booked yet and has to be booked elsewhere.
    public mutating func settleLate(used: Int64) throws(AccountError) -> Int64 {
        let unbooked = try reportLate(used: used)
        state = .closed
        return unbooked
    }
}

extension Grant {
    /// Splits units off that one request holds.
    ///
    /// They become a grant of their own, in the same state, so that they can end alone. The account
    /// does not change.
    ///
    /// - Parameters:
    ///   - id: the id of the new grant.
    ///   - size: the units, at most the rest.
    /// - Returns: the new grant.
    /// - Throws: `invalidAmount` when there is less, `wrongGrantState` when this grant is closed.
    public mutating func carve(_ id: GrantID, size: Int64) throws(AccountError) -> Grant {
        guard size >= 0, size <= rest else { throw .invalidAmount }
        guard state != .closed else { throw .wrongGrantState }
        carved += size
        return Grant(id: id, size: size, state: state)
    }
}
