public import QuotaModel
import QuotaNode

extension Weir {
    /// How many decisions were made since the folder was opened, and how.
    public struct CacheStats: Hashable, Sendable {
        /// Decisions that made no call to the ledger.
        public let hits: Int64
        /// Decisions that made one.
        public let misses: Int64
        /// Hits in percent of decisions, to a tenth; 0 without decisions.
        public let hitRatePercent: Double
        /// Tenants (with or without a key) whose limits are in memory.
        public let cacheSize: Int
        /// The most of them.
        public let maximumCacheSize: Int
        /// Decisions that let the request through.
        public let admitted: Int64
        /// Decisions that refused it.
        public let refused: Int64
        /// Decisions that could not be made, because the ledger failed.
        public let failures: Int64

        /// Decisions in all.
        public var total: Int64 { hits + misses }
    }

    /// How many decisions were made since the folder was opened, and how.
    ///
    /// - Returns: the counters.
    /// - Throws: ``WeirError`` with `closed`.
    public func getCacheStats() throws(WeirError) -> CacheStats {
        let statistics = try openNode().statistics
        return CacheStats(
            hits: statistics.hits, misses: statistics.misses,
            hitRatePercent: statistics.hitRatePercent, cacheSize: statistics.cacheSize,
            maximumCacheSize: statistics.maximumCacheSize, admitted: statistics.admitted,
            refused: statistics.refused, failures: statistics.failures)
    }

    /// Reads tenants into memory before they ask.
    ///
    /// - Parameters:
    ///   - tenants: at most 10,000.
    ///   - plan: their plan, for callers that come from a cache that had to be told; here each
    ///     tenant has its own, and this one is not looked at.
    /// - Returns: how many were read, and those that do not exist.
    /// - Throws: ``WeirError``.
    @discardableResult
    public func warmCache(
        tenants: [TenantID],
        plan: PlanID? = nil
    ) async throws(WeirError) -> (warmed: Int, notFound: [TenantID]) {
        guard tenants.count <= RequestCheck.maximumWarmed else {
            throw .invalid("tenants", "must be at most \(RequestCheck.maximumWarmed)")
        }
        return try await asking { (node) async throws(NodeError) in try await node.warm(tenants) }
    }

    /// Forgets what is only kept to be fast; nothing consumed is forgotten by it.
    ///
    /// - Returns: how many entries were dropped.
    /// - Throws: ``WeirError``.
    @discardableResult
    public func clearCache() async throws(WeirError) -> Int {
        try await asking { (node) async throws(NodeError) in try await node.clearCaches() }
    }
}
