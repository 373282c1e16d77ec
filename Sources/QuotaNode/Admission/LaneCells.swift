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

    /// Takes units; answers what the account has left then.
    @inline(__always)
    mutating func take(_ amount: Int64, steady: Timestamp) -> Int64 {
        assert(amount <= free, "a lease has room for what is taken from it")
        free -= amount
        spent += amount
        usedAt = steady
        return available - spent
    }
}

/// What the answers about a budget's cell need beside it, as it was when the cell was armed.
struct BudgetHome: Sendable {
    /// The newest revision of the limit that a lane knows.
    var revision: Int64
    /// The lease that the cell takes from, or took from last; 0 for none.
    var lease: Int64 = 0
    private var capacity: Int64 = 0
    private var escrowed: Int64 = 0
    private var suspect: Int64 = 0
    /// The number of the account's period; -1 while not armed.
    private(set) var period: Int32 = -1
    /// How many lanes use it: no more than a tenant has.
    var users: Int16 = 1
    private var isUnlimited = false
    private var state = Account.State.open

    init(revision: Int64) { self.revision = revision }

    /// Whether the account is known.
    var isArmed: Bool { period >= 0 }

    mutating func arm(_ account: Account, period: Int32) {
        (capacity, escrowed, suspect) = (account.capacity, account.escrowed, account.suspect)
        (isUnlimited, state) = (account.isUnlimited, account.state)
        self.period = period
    }

    mutating func disarm() { period = -1 }

    /// The account, after what was taken from the cell.
    func account(_ cell: BudgetCell) -> Account {
        // By the invariant of accounts; what the node knows of one need not be in range.
        let posted = capacity &- cell.available &- escrowed &- suspect
        return Account(
            capacity: capacity, available: cell.available &- cell.spent, escrowed: escrowed,
            suspect: suspect, posted: posted &+ cell.spent, isUnlimited: isUnlimited,
            state: state, limitRevision: revision, version: 0)
    }
}

/// A rate's bucket as lanes know it; two on a line of the cache.
struct BucketCell: Sendable {
    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let armed = Flags(rawValue: 1)
        static let taken = Flags(rawValue: 2)
        static let dirty = Flags(rawValue: 4)
    }

    /// What it is while it is armed.
    private(set) var bucket = TokenBucket(updatedAt: .distantPast)
    /// The number of how fast it fills.
    var rate: Int32
    /// How many lanes use it: no more than a tenant has.
    var users: Int16 = 1
    private var flags: Flags = []

    init(rate: Int32) { self.rate = rate }

    /// Whether it says all that there is to say.
    var isArmed: Bool { flags.contains(.armed) }

    /// Whether it was taken from since it was armed.
    var isTaken: Bool { flags.contains(.taken) }

    /// Whether the ledger has to be told of it.
    var isDirty: Bool { flags.contains(.dirty) }

    mutating func arm(_ bucket: TokenBucket) {
        self.bucket = bucket
        flags.insert(.armed)
    }

    mutating func disarm() { flags = [] }

    /// The ledger has to be told of it; or is.
    mutating func setDirty(_ isDirty: Bool) {
        if isDirty { flags.insert(.dirty) } else { flags.remove(.dirty) }
    }

    @inline(__always)
    func standing(
        _ amount: Int64,
        _ rate: TokenBucket.Rate,
        steady: Timestamp
    ) -> LaneStanding {
        guard isArmed else { return .unknown }
        var bucket = bucket
        bucket.refill(rate, now: steady)
        return bucket.has(amount, rate) ? .ready : .refuses
    }

    @inline(__always)
    mutating func take(_ amount: Int64, _ rate: TokenBucket.Rate, steady: Timestamp) {
        bucket.refill(rate, now: steady)
        _ = bucket.take(amount, rate, enforced: false)
        flags.insert(.taken)
    }
}

extension TokenBucket.Rate {
    /// Whether the states of its buckets are kept over a restart: those of longer windows.
    var isKept: Bool { windowNanoseconds >= RateBucket.keptWindowNanoseconds }
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
