import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// What belongs to the writer: its statements and what it remembers of the rows it wrote.
///
/// Unchecked, because a prepared statement can't be sent: this object is made and used only on the
/// queue of the database's one writer connection, which runs one closure at a time.
package final class SQLWriterState: @unchecked Sendable {
    /// A reservation that is held, with its grants.
    struct Held {
        let reservation: Reservation
        let grants: [GrantRecord]
    }

    /// The most accounts, buckets and reservations that are remembered.
    static let maximumRemembered = 65_536

    package let sql: any SQLSession
    /// The steady time at which this life of the store began, which tells it from others.
    let life: Timestamp
    var head: LedgerHead?
    var transactions: Int64?
    var storeReads = 0
    /// What was read for this transaction at once.
    package var preloaded = Preloaded()
    /// The number of the last answer that is kept; nil when it has to be read.
    private var lastAnswer: Int64?
    var meters: [MeterID: Meter] = [:]
    /// The webhook endpoints, as committed; nil when they have to be read.
    var endpoints: [WebhookEndpoint]?
    /// The newest account of a limit, as committed.
    var accounts = ShardedCache<AccountKey, AccountRecord>(maximumCount: maximumRemembered)
    /// The account that was read last by its id, as committed: the close of one asks again and
    /// again.
    var lastRead: AccountRecord?
    var buckets = ShardedCache<AccountKey, BucketRecord>(maximumCount: maximumRemembered)
    var leases = ShardedCache<GrantID, LeaseRecord>(maximumCount: maximumRemembered)
    var holders = GenerationCache<Holder, HolderRecord>(maximumCount: 1_024)
    /// The lives of a node, as committed; cleared with each change to them.
    var lives = GenerationCache<String, [HolderRecord]>(maximumCount: 1_024)
    var held = ShardedCache<ReservationID, Held>(maximumCount: maximumRemembered)

    package init(_ sql: any SQLSession, life: Timestamp) {
        self.sql = sql
        self.life = life
    }

    /// Goes on from where the store stands; what others have written since makes all that is
    /// remembered old.
    ///
    /// - Returns: whether others have.
    package func begin(head: LedgerHead, transactions: Int64, lastAnswer: Int64) -> Bool {
        let isOld = transactions != self.transactions
        if isOld { _ = forget() }
        preloaded = Preloaded()
        self.head = head
        self.transactions = transactions
        self.lastAnswer = lastAnswer
        return isOld
    }

    /// The number of the last answer that is kept.
    func answerCount() throws(LedgerError) -> Int64 {
        if let lastAnswer { return lastAnswer }
        return try sql.first("SELECT coalesce(max(number), 0) AS number FROM answers")
            .map { $0["number"] } ?? 0
    }

    /// Remembers what a committed transaction wrote.
    package func remember(_ changes: LedgerChanges) {
        head = changes.head
        lastRead = nil
        lastAnswer = nil
        transactions = changes.transaction
        if !changes.endpoints.isEmpty { endpoints = nil }
        for meter in changes.meters.values { meters[meter.id] = meter }
        for record in changes.accounts {
            // Only the newest account of a limit is open; a closing one may still be the newest.
            if record.account.state == .open || accounts.value(record.key)?.id == record.id {
                accounts.put(record, record.key)
            }
        }
        for archive in changes.archives {
            let key = archive.record.key
            if accounts.value(key)?.id == archive.record.id { accounts.remove(key) }
        }
        for (id, lease) in changes.leases { leases.put(lease, id) }
        for id in changes.forgottenLeases { leases.remove(id) }
        for (id, record) in changes.holders {
            holders.put(record, id)
            if var known = lives.value(id.name),
                let place = known.firstIndex(where: { $0.id == id })
            {
                known[place] = record
                lives.put(known, id.name)
            } else {
                lives.remove(id.name)
            }
        }
        for id in changes.forgottenHolders {
            holders.remove(id)
            lives.remove(id.name)
        }
        for (key, bucket) in changes.buckets { buckets.put(bucket, key) }
        rememberReservations(changes)
    }

    private func rememberReservations(_ changes: LedgerChanges) {
        let grants = Dictionary(grouping: changes.grants.values, by: \.reservation)
        // A grant that changed under its reservation, at the close of a period, makes what is
        // remembered old.
        for id in grants.keys { held.remove(id) }
        for (id, reservation) in changes.reservations {
            guard reservation.state == .held, let grants = grants[id],
                !grants.contains(where: { $0.grant.state != .open })
            else {
                held.remove(id)
                continue
            }
            let ordered = grants.sorted { $0.grant.id.sequence < $1.grant.id.sequence }
            held.put(Held(reservation: reservation, grants: ordered), id)
        }
    }

    /// Forgets everything; answers how many entries that were.
    package func forget() -> Int {
        let count = accounts.count + buckets.count + leases.count + held.count
        accounts.removeAll()
        lastRead = nil
        buckets.removeAll()
        leases.removeAll()
        holders.removeAll()
        lives.removeAll()
        held.removeAll()
        head = nil
        endpoints = nil
        transactions = nil
        return count
    }
}
