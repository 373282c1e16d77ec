import QuotaEngine
import QuotaLedger
import QuotaModel

/// What really happened in a simulated cluster, counted in the plainest way: who was told that
/// units are theirs, and what became of them.
///
/// Shares no code with what it checks; of the ledger it only looks at the rows.
struct NaiveCluster {
    /// A record of a journal, as the use it is about.
    enum Record {
        case made(String)
        /// A reservation ended, and this is what was true of it before.
        case ended(String, ReservationEvent, before: NaiveOutcome, operation: Int?)
        /// A reservation was given more, as its extension with this number.
        case extended(String, Int, operation: Int)
        case other
    }

    struct Life: Hashable {
        let node: String
        let incarnation: Int64
    }

    /// Units that a transaction has to post to an account, or to its successor.
    struct Posting {
        let account: AccountID
        let units: Int64
        let use: String?
    }

    /// Units of a meter that were used within an hour.
    struct Hour: Hashable {
        let tenant: TenantID
        let key: APIKeyID
        let meter: MeterID
        let hour: Timestamp
    }

    var uses: [String: NaiveUse] = [:]
    var idsByOperation: [Int: String] = [:]
    var records: [Life: [Record]] = [:]
    var folded: [Life: Int] = [:]
    /// Lives that the ledger has ended.
    var ended: Set<Life> = []
    /// Units that are taken of each account, for good or for now.
    var taken: [AccountID: Int64] = [:]
    var takenOfLease: [GrantID: Int64] = [:]
    /// The most that may be taken of an account.
    var ceilings: [AccountID: Int64] = [:]
    /// The newest revision of each limit that the ledger was told of.
    var revisions: [AccountKey: Int64] = [:]
    /// What was taken back of each account, and may be used again.
    var credits: [AccountID: Int64] = [:]
    /// What was granted on top of each account in its period.
    var granted: [AccountID: Int64] = [:]
    /// Limits that do not refuse, or not always.
    var unbounded: Set<AccountKey> = []
    /// What must be posted.
    var posted: [AccountID: Int64] = [:]
    /// What the transaction that is under way has to post.
    var postings: [Posting] = []
    /// Units that corrections and imports added, by hour.
    var corrected: [Hour: Int64] = [:]
    /// Requests that the ledger counted itself, or was told of.
    var counted: [KeyDay: Int64] = [:]
    var newestLife: [String: Int64] = [:]
    /// What clients were told, by operation.
    var acknowledged: Set<Int> = []
    /// How much was used, leased or suspect, when: for each limit the last changes.
    var outOfReach: [AccountKey: [(at: Int64, units: Int64)]] = [:]
    /// Each lease as it was given.
    var leases: [GrantID: GivenLease] = [:]
    /// Leases for which an operator has said what was used.
    var resolved: Set<GrantID> = []
    /// Leases that more may be used of than they have: the ledger has ended a reservation in the
    /// place of a node that may have used its units for others.
    var contested: Set<GrantID> = []
    var rates = NaiveRates()
}

/// A lease as the ledger gave it.
struct GivenLease {
    let revision: Int64
    let epoch: Int64
    /// When its period ends, by the ledger's clock as it was when that was told.
    var endsAt: Int64
}

extension NaiveCluster.Life {
    init(_ holder: Holder) {
        self.init(node: holder.name, incarnation: holder.incarnation)
    }
}
