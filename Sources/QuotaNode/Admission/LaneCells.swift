import QuotaEngine
import QuotaLedger
import QuotaModel

/// What can be spent of a budget without asking anybody: one lease, on one line of the cache.
///
/// Invariant: `free` is what ``HeldLease/free`` would be, had `spent` been taken from it.
struct BudgetCell: Sendable {
    /// Units that can be taken.
    var free: Int64 = 0
    /// Units that were taken since it was armed.
    var spent: Int64 = 0
    /// When it can't be used any more, on the steady clock; the distant past while not armed.
    var endsAt = Timestamp.distantPast
    /// When something was last taken.
    var usedAt = Timestamp.distantPast
    /// The smallest amount that the ledger refuses.
    var refusesFrom = Int64.max
    /// Until when that is taken for granted.
    var refusedUntil = Timestamp.distantPast
    /// What the account had for others and for this lease together when it was armed.
    var available: Int64 = 0

    /// What stands in the way of taking units.
    @inline(__always)
    func standing(_ amount: Int64, steady: Timestamp, lapsesAt: Timestamp) -> LaneStanding {
        if steady >= endsAt { return .unknown }
        if amount <= free, steady < lapsesAt { return .ready }
        let refuses =
            amount >= refusesFrom && steady < refusedUntil && amount > available - spent
        return refuses ? .refuses : .unknown
    }

    @inline(__always)
    mutating func take(_ amount: Int64, steady: Timestamp) {
        assert(amount <= free, "a lease has room for what is taken from it")
        free -= amount
        spent += amount
        usedAt = steady
    }
}

/// Where a budget's cell belongs, and what the account was when it was armed.
struct BudgetHome: Sendable {
    let key: AccountKey
    /// The newest revision of the limit that a lane knows.
    var revision: Int64
    /// How many lanes use it.
    var users = 0
    var lease: GrantID?
    var account: Account?
    var period: Period?
}

/// A rate's bucket as lanes know it.
struct BucketCell: Sendable {
    let key: AccountKey
    var rate: TokenBucket.Rate
    /// How many lanes use it.
    var users = 0
    /// Nil while not armed.
    var bucket: TokenBucket?
    /// Whether it was taken from since it was armed.
    var isTaken = false
    /// Whether the ledger has to be told of it.
    var isDirty = false

    /// States of longer windows are kept over a restart.
    var isKept: Bool { rate.windowNanoseconds >= RateBucket.keptWindowNanoseconds }

    @inline(__always)
    func standing(_ amount: Int64, steady: Timestamp) -> LaneStanding {
        guard var bucket else { return .unknown }
        bucket.refill(rate, now: steady)
        return bucket.has(amount, rate) ? .ready : .refuses
    }

    @inline(__always)
    mutating func take(_ amount: Int64, steady: Timestamp) {
        bucket?.refill(rate, now: steady)
        _ = bucket?.take(amount, rate, enforced: false)
        isTaken = true
    }
}

/// What one limit says to a request on a lane.
enum LaneStanding {
    case ready
    case refuses
    /// Somebody else has to look.
    case unknown
}

/// Which cell a lane uses.
struct LaneCell: Hashable, Sendable {
    private let number: Int32

    static func budget(_ place: Int) -> LaneCell { LaneCell(number: Int32(place)) }
    static func bucket(_ place: Int) -> LaneCell { LaneCell(number: ~Int32(place)) }

    private init(number: Int32) { self.number = number }

    @inline(__always) var isBudget: Bool { number >= 0 }
    @inline(__always) var place: Int { Int(number >= 0 ? number : ~number) }
}
