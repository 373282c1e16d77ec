import QuotaEngine
import QuotaLedger
import QuotaModel
import Synchronization
import UsageJournal

/// Drives the leases of a running node: locks, journal and ledger around ``LeaseTable``.
///
/// Tenants are spread over shards, each with a lock and a stream of the journal of its own; the
/// tenants of one organization share a shard. What is decided under a shard's lock is in the
/// journal before the lock is free, so the journal tells it in the order in which it happened.
final class LeaseManager: Sendable {
    /// What one lock covers.
    struct Shard: ~Copyable {
        var table: LeaseTable
        /// Writes to the stream of its number.
        var writer: JournalStreamWriter
        /// What was decided on lanes.
        var counts = LaneCounts()
        var ids: DecisionIDs
        /// Who waits for the draw of a tenant to be answered; as many as there are requests.
        var waiting: [TenantID: [CheckedContinuation<Void, Never>]] = [:]
    }

    /// A lock with what it covers.
    final class LockedShard: Sendable {
        let stream: Int
        let state: Mutex<Shard>

        init(
            _ table: LeaseTable,
            _ writer: consuming JournalStreamWriter,
            _ ids: DecisionIDs
        ) {
            stream = writer.stream
            state = Mutex(Shard(table: table, writer: writer, ids: ids))
        }
    }

    /// How long a request waits for what other nodes give back.
    static let recallPatience = Duration.milliseconds(150)
    /// How often a request asks the ledger before it gives up.
    static let maximumRounds = 8

    let holder: Holder
    let ledger: any Ledger
    let journal: NodeJournal
    let folder: JournalFolder
    let clock: @Sendable () -> Timestamp
    let steadyClock: @Sendable () -> Timestamp
    let pause: @Sendable (Duration) async -> Void
    let sequence = LeaseSequence()
    let shards: [LockedShard]
    /// The same, for lanes: a reference that is counted costs as much as a lock.
    let uncounted: [Unmanaged<LockedShard>]
    let hash: TenantHash
    /// Answers that the ledger does not have yet; as many as a fold may have.
    let answers = Mutex<[IdempotencyID: PendingAnswer]>([:])
    /// When a call was sent that the ledger answered last, on the steady clock.
    let heardAt: Mutex<Timestamp>
    /// The shard that is tended next.
    let nextTended = Atomic<Int>(0)

    init(
        journal: NodeJournal,
        ledger: any Ledger,
        clock: @escaping @Sendable () -> Timestamp,
        steadyClock: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable (Duration) async -> Void,
        random: () -> UInt64,
        heardAt: Timestamp
    ) {
        let holder = journal.holder
        self.holder = holder
        self.ledger = ledger
        self.journal = journal
        folder = JournalFolder(journal, ledger: ledger)
        self.clock = clock
        self.steadyClock = steadyClock
        self.pause = pause
        self.heardAt = Mutex(heardAt)
        let hash = TenantHash(random: random)
        self.hash = hash
        shards = (0..<journal.streamCount)
            .map { number in
                var table = LeaseTable(holder: holder, hash: hash)
                table.acknowledge(sentAt: heardAt)
                return LockedShard(
                    table,
                    JournalStreamWriter(
                        holder: holder, stream: number, journal: journal.log),
                    DecisionIDs(random: random))
            }
        uncounted = shards.map(Unmanaged.passUnretained)
    }

    /// The shard of a tenant.
    func shard(of tenant: Tenant) -> LockedShard {
        shard(named: tenant.organization ?? tenant.id.text)
    }

    /// The shard of an organization's tenants.
    func shard(of organization: OrganizationID) -> LockedShard { shard(named: organization.text) }

    /// The shard of a name: a tenant's id, or that of its organization.
    func shard(named name: String) -> LockedShard {
        shards[place(of: hash(ExactString(name)))]
    }

    /// The place of a shard: by the upper bits, since tables use the lower ones.
    @inline(__always)
    func place(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(shards.count)) &>> 32)
    }

    /// The end of the last entry of each stream.
    var ends: [JournalPosition] {
        shards.map { shard in shard.state.withLock { $0.writer.end } }
    }

    /// The end of the last entry of each stream, or that of an earlier one where there are many.
    func ends(after positions: [JournalPosition]) -> [JournalPosition] {
        shards.map { shard in
            shard.state.withLock {
                $0.writer.end(after: positions[shard.stream])
            }
        }
    }

    /// Ids for grants that the ledger itself makes, the first of `count` in a row.
    ///
    /// Leases and grants of one life never have the same.
    func grants(_ count: Int) -> GrantID {
        // At least one: two calls must not wait for the same number.
        let first = sequence.take(max(1, count)).first
        sequence.end(first)
        return GrantID(
            holder: holder.name, incarnation: holder.incarnation, sequence: first)
    }

    /// The ledger has answered a call that was sent at an instant of the steady clock.
    func acknowledge(sentAt: Timestamp) {
        heardAt.withLock { $0 = max($0, sentAt) }
        for shard in shards { shard.state.withLock { $0.table.acknowledge(sentAt: sentAt) } }
    }

    /// An answer that the ledger may not have yet.
    func answer(_ id: IdempotencyID) async throws(NodeError) -> IdempotencyRecord? {
        guard let pending = answers.withLock({ $0[id] }) else { return nil }
        try await journal.wait(for: pending.mark)
        return pending.record
    }

    /// Fills the bucket of a limit, as the ledger has done.
    func fillBucket(_ key: AccountKey, of tenant: Tenant) {
        let steady = steadyClock()
        shard(of: tenant).state
            .withLock { $0.table.fillBucket(key, tenant: tenant.id, steady: steady) }
    }

    /// A tenant has come to another organization: what its own rates have left goes with it.
    func move(_ tenant: Tenant, to changed: Tenant) {
        let (source, target) = (shard(of: tenant), shard(of: changed))
        if source === target { return }
        let buckets = source.state.withLock { $0.table.takeBuckets(of: tenant.id) }
        target.state.withLock { $0.table.keep(buckets, of: tenant.id) }
    }

    /// Waits until no draw of a tenant is under way.
    func waitForDraw(of tenant: TenantID, in shard: LockedShard) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isWaiting = shard.state.withLock { shard in
                guard shard.table.tenants.peek(tenant)?.draw != nil else { return false }
                shard.waiting[tenant, default: []].append(continuation)
                return true
            }
            if !isWaiting { continuation.resume() }
        }
    }
}

/// An answer in the journal that the ledger may not have.
struct PendingAnswer: Sendable {
    let record: IdempotencyRecord
    let mark: JournalMark
}

extension LeaseManager.Shard {
    /// The end of what was written.
    var mark: JournalMark { JournalMark(stream: writer.stream, position: writer.end) }

    /// Those who wait for a tenant's draw, which is over.
    mutating func takeWaiting(_ tenant: TenantID) -> [CheckedContinuation<Void, Never>] {
        waiting.removeValue(forKey: tenant) ?? []
    }
}
