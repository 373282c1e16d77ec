public import QuotaEngine
public import QuotaModel

/// The answer to a ``LedgerCommand``, in the order of the commands.
public enum LedgerAnswer: Sendable {
    /// Of ``LedgerCommand/admit(_:)``.
    case admitted(AdmitAnswer)
    /// Of ``LedgerCommand/conclude(_:)``.
    case concluded(ConcludeAnswer)
    /// Of ``LedgerCommand/view(_:)`` and ``LedgerCommand/refresh(_:)``.
    case viewed(LimitView)
    /// Of ``LedgerCommand/sweep(_:)``.
    case swept(SweepAnswer)
    /// Of a change to tenants, keys, plans, meters or settings: the revision it got.
    case changed(revision: Int64)
    /// Of a creation: the id is taken.
    case alreadyExists
    /// Of a change: there is no such thing.
    case notFound
    /// Of a change: it was changed since it was read.
    case stale
    /// Of ``LedgerCommand/allocate(_:)``.
    case allocated(AllocateAnswer)
    /// Of ``LedgerCommand/reset(_:)``.
    case reset(ResetAnswer)
    /// Of ``LedgerCommand/adjust(_:)``.
    case adjusted(AdjustAnswer)
    /// Of ``LedgerCommand/topUp(_:)``.
    case toppedUp(TopUpAnswer)
    /// Of ``LedgerCommand/importUsage(_:)``: the units that were booked before under its id; nil
    /// when it was booked now.
    case imported(earlier: Int64?)
    /// Of ``LedgerCommand/beginHolder(_:)``.
    case begun(HolderBegun)
    /// Of ``LedgerCommand/draw(_:)``.
    case drawn(DrawAnswer)
    /// Of ``LedgerCommand/listLeases(_:)``: those that are not closed.
    case leases([LeaseRecord])
    /// Of ``LedgerCommand/fold(_:)``.
    case folded(FoldAnswer)
    /// A balance or a count would leave its range: nothing was written.
    case outOfRange
}

/// What became of the end of a reservation.
public enum ConcludeAnswer: Hashable, Sendable {
    /// It ended, now or before, as it stands here.
    case done(Reservation)
    /// It was no reservation's but a lease, which is closed now.
    case leaseResolved(LeaseRecord)
    /// There is none of that id, or it belongs to another tenant.
    case notFound
    /// It holds units of a node's leases, or is one, and that node may still report: it has to be
    /// told.
    case heldBy(Holder)
    /// It can't end that way.
    case refused(ReservationError)
    /// A balance would leave its range: nothing was booked.
    case outOfRange
}

/// The balances behind limits.
public struct LimitView: Hashable, Sendable {
    /// The limits that would refuse.
    public let violations: [Violation]
    /// The balances, one for each demand.
    public let states: [LimitState]
    /// The time they are of.
    public let now: Timestamp
    /// Whether the store had to be asked.
    public let madeStoreCall: Bool

    /// Creates a view.
    package init(
        violations: [Violation],
        states: [LimitState],
        now: Timestamp,
        madeStoreCall: Bool
    ) {
        self.violations = violations
        self.states = states
        self.now = now
        self.madeStoreCall = madeStoreCall
    }
}

/// What a sweep did.
public struct SweepAnswer: Hashable, Sendable {
    /// Reservations that ended by time.
    public let expiredReservations: Int
    /// Accounts whose period was closed.
    public let closedAccounts: Int
    /// Accounts that changed by their dates: top-ups have expired, or the limit is another.
    public let changed: [AccountKey]
    /// Whether there may be more to do.
    public let isComplete: Bool
    /// Where the next sweep goes on among the accounts whose period has ended; nil when none
    /// follows.
    public let next: EndedAccountPlace?
}
