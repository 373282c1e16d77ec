import QuotaEngine
public import QuotaLedger
public import QuotaModel
import Synchronization

/// One node: decides, for the tenants it is asked about, over a ledger.
///
/// It leases units from the ledger, decides on its leases alone, and writes each decision into its
/// journal before it is answered; folding the journal into the ledger is how use gets there.
public final class QuotaNode: Sendable {
    /// What the operator set.
    public let settings: NodeSettings
    let ledger: any Ledger
    let directory: Directory
    let identity: NodeIdentity
    let leases: LeaseManager
    let counters = NodeCounters()
    let clock: @Sendable () -> Timestamp
    let random: @Sendable () -> UInt64
    let peppers: [Pepper]
    let verifiedKeys: VerifiedKeys
    /// Idempotent requests under way; as many as there are requests.
    let inFlight = Mutex<Set<IdempotencyID>>([])
    let whatIfSlot = WhatIfSlot()
    let shadow: ShadowCounts

    /// Starts a new life of a node on a ledger.
    ///
    /// - Parameters:
    ///   - ledger: the truth.
    ///   - settings: what the operator set.
    ///   - peppers: what keys are hashed with, the newest first; not empty.
    ///   - journal: where its journal is; what earlier lives left there is taken over first.
    ///   - clock: the instant of now.
    ///   - steadyClock: a clock that nobody can set, the ledger's own.
    ///   - random: 64 unpredictable bits.
    ///   - pause: waits, for what other nodes of a fleet give back.
    /// - Throws: what the ledger throws, and why an earlier life's journal can't be taken over.
    public init(
        ledger: any Ledger,
        settings: NodeSettings,
        peppers: [Pepper],
        journal: JournalOptions,
        clock: @escaping @Sendable () -> Timestamp,
        steadyClock: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> UInt64,
        pause: @escaping @Sendable (Duration) async -> Void = { _ in }
    ) async throws(LedgerError) {
        precondition(!peppers.isEmpty, "a node needs a pepper")
        self.ledger = ledger
        self.settings = settings
        self.peppers = peppers
        verifiedKeys = VerifiedKeys(
            maximumCount: settings.cacheSize, ttlNanoseconds: settings.cacheTTLNanoseconds)
        self.clock = clock
        self.random = random
        shadow = ShadowCounts(since: clock())
        let begunAt = steadyClock()
        let recovery = NodeRecovery(
            ledger: ledger, name: settings.name, options: journal, clock: clock)
        let leases = LeaseManager(
            journal: try await recovery.begin(), ledger: ledger, clock: clock,
            steadyClock: steadyClock, pause: pause, random: random, heardAt: begunAt)
        identity = NodeIdentity(
            name: settings.name, incarnation: leases.holder.incarnation, random: random)
        self.leases = leases
        directory = try await Directory(ledger: ledger, settings: settings) {
            leases.closeLanes(of: $0)
        }
    }

    /// The instant of now, by the node's clock.
    public var now: Timestamp { clock() }

    /// The pepper of a version; nil where it is gone.
    package func pepper(version: Int64) -> Pepper? { peppers.first { $0.version == version } }

    /// How many decisions were made, and how.
    public var statistics: NodeStatistics {
        counters.statistics(
            onLanes: leases.laneCounts, cacheSize: directory.count,
            maximumCacheSize: settings.cacheSize)
    }

    /// Runs a call to the ledger and tells its failure as the node's.
    func asking<Answer>(
        _ body: () async throws(LedgerError) -> Answer
    ) async throws(NodeError) -> Answer {
        do {
            return try await body()
        } catch {
            throw .ledger(error)
        }
    }
}
