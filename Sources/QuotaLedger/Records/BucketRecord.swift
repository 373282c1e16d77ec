public import QuotaEngine

/// A rate's bucket as the ledger keeps it.
public struct BucketRecord: Hashable, Sendable {
    /// The limit.
    public let key: AccountKey
    /// What is missing in the bucket, and since when.
    public var bucket: TokenBucket

    /// Creates a record.
    public init(key: AccountKey, bucket: TokenBucket) {
        self.key = key
        self.bucket = bucket
    }
}
