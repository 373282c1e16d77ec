package import QuotaEngine
import QuotaLedger
package import QuotaModel

/// A lease as the node that spends it knows it.
///
/// Invariant: `used + held ≤ size − returned − moved`.
package struct HeldLease: Hashable, Sendable {
    /// The lease.
    package let id: GrantID
    /// The units leased.
    package let size: Int64
    /// The revision of the limit that it was leased under.
    package let revision: Int64
    /// The period its units belong to.
    package let period: Period
    /// When that ends, on the steady clock: by the ledger's clock, and never later.
    let endsAt: Timestamp
    /// How often the node had been silent when it was leased.
    package let epoch: Int64
    /// Settled units.
    package internal(set) var used: Int64 = 0
    /// Units that reservations used beyond what they held.
    package internal(set) var overage: Int64 = 0
    /// What the ledger knows of that.
    var foldedOverage: Int64 = 0
    /// Units that open reservations hold.
    package internal(set) var held: Int64 = 0
    /// Units given back.
    package internal(set) var returned: Int64 = 0
    /// Units that left with reservations whose time passed.
    package internal(set) var moved: Int64 = 0
    /// Whether the journal says that this is the end of it.
    package internal(set) var isClosed = false
    /// Whether the ledger has not heard of all that was given back.
    var isReturnUnsent = false
    /// What was given back before that.
    var returnedBefore: Int64 = 0
    /// Whether its account was changed by something else since: what it has goes back.
    var isRecalled = false
    /// Whether the ledger knows that it is closed.
    var isFolded = false
    /// When something was last taken from it, on the steady clock.
    package internal(set) var usedAt: Timestamp

    /// A lease as it was asked for: the answer may have come again, after the limit was changed.
    init(
        _ grant: Grant,
        _ account: AccountSnapshot,
        revision: Int64,
        epoch: Int64,
        at steady: Timestamp
    ) {
        id = grant.id
        size = grant.size
        self.revision = revision
        period = account.period
        endsAt = account.end(sentAt: steady)
        self.epoch = epoch
        usedAt = steady
    }

    /// A lease that the node did not hear of when it was made: nothing was taken from it, and
    /// nothing will be.
    init(stray grant: Grant, at steady: Timestamp) {
        id = grant.id
        size = grant.size
        revision = .min
        period = .lifetime
        endsAt = .distantFuture
        epoch = -1
        used = grant.posted
        overage = grant.overage
        foldedOverage = grant.overage
        returned = grant.returned
        moved = grant.carved
        usedAt = steady
    }

    /// A lease as it was, before anything happened to it.
    init(
        id: GrantID,
        size: Int64,
        revision: Int64,
        period: Period,
        endsAt: Timestamp,
        epoch: Int64
    ) {
        self.id = id
        self.size = size
        self.revision = revision
        self.period = period
        self.endsAt = endsAt
        self.epoch = epoch
        usedAt = .distantPast
    }

    /// Units given back that the ledger has not heard of.
    var unsent: Int64 { isReturnUnsent ? returned - returnedBefore : 0 }

    /// The units that can be taken.
    package var free: Int64 { size - returned - moved - used - held }

    /// Whether no more was taken of it than it has.
    var isWithin: Bool {
        used >= 0 && held >= 0 && used + held <= size - returned - moved
    }

    /// Whether units may be taken: by the lease's revision and epoch (nil in tests that leave the
    /// rule out).
    func isSpendable(revision: Int64, epoch: Int64?) -> Bool {
        !isClosed && self.revision >= revision && self.epoch == epoch ?? self.epoch
    }
}

extension AccountSnapshot {
    /// When the period ends on the steady clock of a node.
    ///
    /// - Parameter sentAt: when the ledger was asked; it looked at its clock later.
    /// - Returns: the instant; never later than by the ledger's clock.
    func end(sentAt: Timestamp) -> Timestamp {
        period.end == .distantFuture
            ? .distantFuture : sentAt.adding(nanoseconds: period.end.nanoseconds(since: at))
    }
}

/// What the ledger said when it refused.
package struct RememberedRefusal: Hashable, Sendable {
    /// The smallest amount that it refused.
    var amount: Int64
    /// The account's version: a newer one may have more.
    let version: Int64
    /// The revision of the limit.
    let revision: Int64
    /// Until when it is taken for granted, on the steady clock.
    let until: Timestamp
    /// How often a shared account had grown.
    let growth: Int64

    /// How long a refusal is remembered where nobody tells of changes: a second, in nanoseconds.
    package static let memoryNanoseconds: Int64 = 1_000_000_000
}
