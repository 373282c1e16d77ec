public import QuotaModel
import Synchronization

/// How many decisions a node has made, and how.
public struct NodeStatistics: Sendable {
    /// Decisions that made no call to the store.
    public let hits: Int64
    /// Decisions that made one.
    public let misses: Int64
    /// Decisions that let the request through.
    public let admitted: Int64
    /// Decisions that refused it.
    public let refused: Int64
    /// Tenants, with or without a key, whose compiled limits are cached.
    public let cacheSize: Int
    /// The most of them.
    public let maximumCacheSize: Int
    /// Decisions that could not be made because the store failed.
    public let failures: Int64
    /// When the last of them was.
    public let lastFailureAt: Timestamp?

    /// Decisions in all.
    public var total: Int64 { hits + misses }

    /// Hits in percent of decisions, to a tenth; 0 without decisions.
    public var hitRatePercent: Double { Self.percent(hits, of: total) }

    /// The same, of the decisions since an earlier look.
    public func hitRatePercent(since earlier: NodeStatistics) -> Double {
        Self.percent(hits - earlier.hits, of: total - earlier.total)
    }

    private static func percent(_ hits: Int64, of total: Int64) -> Double {
        total == 0 ? 0 : (Double(hits) * 1000 / Double(total)).rounded() / 10
    }
}

/// Counters that many threads add to.
final class NodeCounters: Sendable {
    private let hits = Atomic<Int64>(0)
    private let misses = Atomic<Int64>(0)
    private let admitted = Atomic<Int64>(0)
    private let refused = Atomic<Int64>(0)
    private let failures = Atomic<Int64>(0)
    private let lastFailure = Atomic<Int64>(.min)

    func count(isAdmitted: Bool, madeStoreCall: Bool) {
        if madeStoreCall {
            misses.add(1, ordering: .relaxed)
        } else {
            hits.add(1, ordering: .relaxed)
        }
        if isAdmitted {
            admitted.add(1, ordering: .relaxed)
        } else {
            refused.add(1, ordering: .relaxed)
        }
    }

    func countFailure(at now: Timestamp) {
        failures.add(1, ordering: .relaxed)
        lastFailure.store(now.nanoseconds, ordering: .relaxed)
    }

    func statistics(
        onLanes counts: LaneCounts,
        cacheSize: Int,
        maximumCacheSize: Int
    ) -> NodeStatistics {
        let last = lastFailure.load(ordering: .relaxed)
        return NodeStatistics(
            hits: hits.load(ordering: .relaxed) + counts.admitted + counts.refused,
            misses: misses.load(ordering: .relaxed),
            admitted: admitted.load(ordering: .relaxed) + counts.admitted,
            refused: refused.load(ordering: .relaxed) + counts.refused,
            cacheSize: cacheSize,
            maximumCacheSize: maximumCacheSize,
            failures: failures.load(ordering: .relaxed),
            lastFailureAt: last == .min ? nil : Timestamp(nanoseconds: last))
    }
}
