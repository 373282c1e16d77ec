package import QuotaEngine
package import QuotaLedger
package import QuotaModel

/// A rate's bucket with how it fills.
struct RateBucket: Hashable, Sendable {
    var bucket: TokenBucket
    var rate: TokenBucket.Rate

    /// The state of longer windows is kept over a restart: a minute and more, in nanoseconds.
    static let keptWindowNanoseconds: Int64 = 60 * 1_000_000_000

    /// Whether nothing is lost without it.
    func isFull(_ steady: Timestamp) -> Bool {
        var bucket = bucket
        bucket.refill(rate, now: steady)
        return bucket.missing == 0
    }
}

// The buckets of rates: a tenant's own lie with the tenant, those that the tenants of an
// organization share lie beside.
extension LeaseTable {
    /// What the ledger knows of buckets that the table does not know.
    ///
    /// - Parameters:
    ///   - states: what it told of the demands.
    ///   - demands: limits with rates.
    ///   - tenant: whose.
    package mutating func install(
        _ states: [LimitState],
        of demands: [Demand],
        tenant: TenantID
    ) {
        for (demand, state) in zip(demands, states) {
            guard case .bucket(let bucket) = state, let rate = demand.limit.rate else { continue }
            let key = demand.limit.accountKey(of: tenant)
            let known = RateBucket(bucket: bucket, rate: rate)
            if demand.limit.organization != nil {
                if sharedBuckets[key] == nil { sharedBuckets[key] = known }
            } else if tenants[tenant]?.buckets[key] == nil {
                tenants[tenant, default: TenantState()].buckets[key] = known
            }
        }
    }

    /// The buckets of longer windows that have changed since the last call, as they are now.
    package mutating func takeChangedBuckets() -> [BucketRecord] {
        let shared = tenants.changedBuckets.compactMap { key in
            sharedBuckets[key].map { BucketRecord(key: key, bucket: $0.bucket) }
        }
        return shared
            + tenants.takeChangedBuckets().map { BucketRecord(key: $0.key, bucket: $0.value) }
    }

    /// A bucket as it is now; nil when the ledger may know more of it.
    func bucket(
        of demand: Demand,
        _ key: AccountKey,
        _ state: TenantState,
        steady: Timestamp
    ) -> TokenBucket? {
        let isShared = demand.limit.organization != nil
        let known = isShared ? sharedBuckets[key] : state.buckets[key]
        guard let rate = demand.limit.rate else {
            return known?.bucket ?? TokenBucket(updatedAt: steady)
        }
        if known == nil, rate.windowNanoseconds >= RateBucket.keptWindowNanoseconds { return nil }
        var bucket = known?.bucket ?? TokenBucket(updatedAt: steady)
        bucket.refill(rate, now: steady)
        return bucket
    }

    /// Keeps a bucket after something was taken from it.
    mutating func keep(
        _ bucket: TokenBucket,
        _ rate: TokenBucket.Rate,
        _ key: AccountKey,
        isShared: Bool,
        _ state: inout TenantState
    ) {
        let kept = RateBucket(bucket: bucket, rate: rate)
        if isShared { sharedBuckets[key] = kept } else { state.buckets[key] = kept }
        if rate.windowNanoseconds >= RateBucket.keptWindowNanoseconds {
            tenants.changedBuckets.insert(key)
        }
    }

    /// Fills the bucket of a limit, as the ledger has done.
    package mutating func fillBucket(_ key: AccountKey, tenant: TenantID, steady: Timestamp) {
        guard let known = tenants[tenant]?.buckets[key] else { return }
        tenants[tenant]?.buckets[key]?.bucket = TokenBucket(updatedAt: steady)
        if known.rate.windowNanoseconds >= RateBucket.keptWindowNanoseconds {
            tenants.changedBuckets.insert(key)
        }
    }

    /// Takes a tenant's own buckets out.
    mutating func takeBuckets(of tenant: TenantID) -> [AccountKey: RateBucket] {
        defer { tenants[tenant]?.buckets = [:] }
        return tenants[tenant]?.buckets ?? [:]
    }

    /// Keeps a tenant's own buckets, which another table had; of two of one rate the emptier.
    mutating func keep(_ buckets: [AccountKey: RateBucket], of tenant: TenantID) {
        if buckets.isEmpty { return }
        tenants[tenant, default: TenantState()].buckets
            .merge(buckets) { known, moved in
                known.bucket.missing > moved.bucket.missing ? known : moved
            }
        for (key, bucket) in buckets
        where bucket.rate.windowNanoseconds >= RateBucket.keptWindowNanoseconds {
            tenants.changedBuckets.insert(key)
        }
    }

    /// Forgets shared buckets that are full.
    package mutating func forgetFullBuckets(steady: Timestamp) {
        sharedBuckets = sharedBuckets.filter { !$0.value.isFull(steady) }
    }
}
