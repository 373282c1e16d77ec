public import QuotaEngine
public import QuotaModel

/// A part of a journal's stream.
public struct StreamRange: Hashable, Sendable {
    /// The stream.
    public let stream: Int
    /// Where it begins: what the ledger has folded.
    public let from: Int64
    /// Where it ends.
    public let through: Int64

    /// Creates a range.
    public init(stream: Int, from: Int64, through: Int64) {
        self.stream = stream
        self.from = from
        self.through = through
    }
}

/// What was used of a lease since it was made.
public struct LeaseUse: Hashable, Sendable {
    /// The lease.
    public let lease: GrantID
    /// Settled units, cumulative.
    public let used: Int64
    /// Units that reservations used beyond what they held of it, cumulative.
    public let overage: Int64
    /// Whether the holder is done with it.
    public let isClosed: Bool

    /// Creates a report.
    public init(lease: GrantID, used: Int64, overage: Int64 = 0, isClosed: Bool) {
        self.lease = lease
        self.used = used
        self.overage = overage
        self.isClosed = isClosed
    }
}

/// Use of the same kind, summed.
public struct UseSum: Hashable, Sendable {
    /// Whose use, of what, when.
    public let key: HourlyUsageKey
    /// How much.
    public let sum: UsageSum
    /// The leases it was taken from, one for each limit.
    public let leases: [GrantID]
    /// Whether each part of it has an event of its own.
    public let hasEvents: Bool

    /// Creates a sum.
    public init(key: HourlyUsageKey, sum: UsageSum, leases: [GrantID], hasEvents: Bool) {
        self.hasEvents = hasEvents
        self.key = key
        self.sum = sum
        self.leases = leases
    }
}

/// Use that is recorded one by one.
public struct FoldedEvent: Hashable, Sendable {
    /// The event.
    public let event: UsageEvent
    /// The leases it was taken from, one for each limit.
    public let leases: [GrantID]

    /// Creates an event.
    public init(event: UsageEvent, leases: [GrantID]) {
        self.event = event
        self.leases = leases
    }
}

/// A reservation as its node knows it.
public struct FoldedReservation: Hashable, Sendable {
    /// The reservation as it stands now.
    public let reservation: Reservation
    /// What it holds, or held when its time passed, of each lease.
    public let pieces: [HeldPiece]

    /// Creates a reservation.
    public init(reservation: Reservation, pieces: [HeldPiece]) {
        self.reservation = reservation
        self.pieces = pieces
    }
}

/// A part of a node's journal, summed: the only way by which the use of leases reaches the ledger.
///
/// Takes effect once: a part that was folded before is only acknowledged.
public struct FoldCommand: Sendable {
    /// Whose journal.
    public let holder: Holder
    /// Which part.
    public let ranges: [StreamRange]
    /// The leases that changed.
    public let uses: [LeaseUse]
    /// All use, summed.
    public let sums: [UseSum]
    /// The use that is recorded one by one; it is in the sums, too.
    public let events: [FoldedEvent]
    /// Admitted requests.
    public let requests: [KeyDay: RequestCount]
    /// The reservations that changed.
    public let reservations: [FoldedReservation]
    /// Answers to keep.
    public let answers: [IdempotencyRecord]
    /// Buckets as they are now.
    public let buckets: [BucketRecord]

    /// Creates a command.
    public init(
        holder: Holder,
        ranges: [StreamRange],
        uses: [LeaseUse] = [],
        sums: [UseSum] = [],
        events: [FoldedEvent] = [],
        requests: [KeyDay: RequestCount] = [:],
        reservations: [FoldedReservation] = [],
        answers: [IdempotencyRecord] = [],
        buckets: [BucketRecord] = []
    ) {
        self.holder = holder
        self.ranges = ranges
        self.uses = uses
        self.sums = sums
        self.events = events
        self.requests = requests
        self.reservations = reservations
        self.answers = answers
        self.buckets = buckets
    }
}

/// Requests of a key on a day.
public struct RequestCount: Hashable, Sendable {
    /// How many.
    public var requests: Int64
    /// The last of them.
    public var last: Timestamp

    /// Creates a count.
    public init(requests: Int64, last: Timestamp) {
        self.requests = requests
        self.last = last
    }
}

/// The answer to a ``FoldCommand``.
public enum FoldAnswer: Hashable, Sendable {
    /// It is folded, now or before; the accounts whose leases were closed now, and how often the
    /// holder was silent for too long: leases of an earlier epoch can't be spent.
    case folded([AccountSnapshot], epoch: Int64)
    /// It begins elsewhere than where the ledger has come to.
    case misplaced([Int: Int64])
    /// The holder is over.
    ///
    /// Its journal was complete, or was declared lost, and what nobody knew then is resolved by
    /// hand.
    case over
    /// It names a lease that the ledger does not know, as one that was restored from a backup may
    /// not: nothing of it is booked.
    case unknownLease(GrantID)
    /// There is no such holder.
    case unknownHolder
}
