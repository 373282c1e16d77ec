import QuotaEngine
public import QuotaLedger
public import QuotaModel
import Synchronization

/// One node: decides, for the tenants it is asked about, over a ledger.
///
/// Each decision that admits is committed to the ledger before it is answered. The tenants'
/// compiled limits are cached; balances are not: they are asked of the ledger, which decides.
/// (Leases and the journal will stand between the two.)
public final class QuotaNode: Sendable {
    /// What the operator set.
    public let settings: NodeSettings
    let ledger: any Ledger
    let directory: Directory
    let identity: NodeIdentity
    let counters = NodeCounters()
    let clock: @Sendable () -> Timestamp
    let random: @Sendable () -> UInt64
    let peppers: [Pepper]
    let verifiedKeys: VerifiedKeys
    /// Idempotent requests under way; as many as there are requests.
    let inFlight = Mutex<Set<IdempotencyID>>([])

    /// Starts a new life of a node on a ledger.
    ///
    /// - Parameters:
    ///   - ledger: the truth.
    ///   - settings: what the operator set.
    ///   - peppers: what keys are hashed with, the newest first; not empty.
    ///   - clock: the instant of now.
    ///   - random: 64 unpredictable bits.
    /// - Throws: what the ledger throws.
    public init(
        ledger: any Ledger,
        settings: NodeSettings,
        peppers: [Pepper],
        clock: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> UInt64
    ) async throws(LedgerError) {
        precondition(!peppers.isEmpty, "a node needs a pepper")
        self.ledger = ledger
        self.settings = settings
        self.peppers = peppers
        verifiedKeys = VerifiedKeys(
            maximumCount: settings.cacheSize, ttlNanoseconds: settings.cacheTTLNanoseconds)
        self.clock = clock
        self.random = random
        let last = try await ledger.setting("incarnation").flatMap { Int64($0) } ?? 0
        try await ledger.change(.putSetting(name: "incarnation", value: String(last + 1)))
        identity = NodeIdentity(name: settings.name, incarnation: last + 1, random: random)
        directory = try await Directory(ledger: ledger, settings: settings)
    }

    /// The instant of now, by the node's clock.
    public var now: Timestamp { clock() }

    /// How many decisions were made, and how.
    public var statistics: NodeStatistics {
        counters.statistics(cacheSize: directory.count, maximumCacheSize: settings.cacheSize)
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
