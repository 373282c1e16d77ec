/// A bounded cache in shards, none of which is large.
///
/// A dictionary that grows moves all its entries at once, and a generation that is dropped is freed
/// at once: with tens of thousands of ledger records either took 100 ms, for which all waited. Here
/// it is one shard at a time, at different times.
@frozen
@usableFromInline
package struct ShardedCache<Key: Hashable, Value> {
    @usableFromInline var shards: [GenerationCache<Key, Value>]

    /// The most entries of a shard.
    @usableFromInline static var shardSize: Int { 1_024 }

    /// Creates a cache of at most `maximumCount` entries, at least 2.
    @inlinable
    package init(maximumCount: Int) {
        let count = max(1, maximumCount / Self.shardSize)
        shards = Array(
            repeating: GenerationCache(maximumCount: maximumCount / count), count: count)
    }

    /// How many entries there are.
    @inlinable
    package var count: Int { shards.reduce(0) { $0 + $1.count } }

    @inlinable
    func shard(of key: Key) -> Int {
        Int(UInt(bitPattern: key.hashValue) % UInt(shards.count))
    }

    /// The value of a key.
    @inlinable
    package mutating func value(_ key: Key) -> Value? { shards[shard(of: key)].value(key) }

    /// Keeps a value.
    @inlinable
    package mutating func put(_ value: Value, _ key: Key) {
        shards[shard(of: key)].put(value, key)
    }

    /// Forgets a key.
    @inlinable
    package mutating func remove(_ key: Key) { shards[shard(of: key)].remove(key) }

    /// Forgets everything.
    @inlinable
    package mutating func removeAll() {
        for place in shards.indices { shards[place].removeAll() }
    }
}

extension ShardedCache: Sendable where Key: Sendable, Value: Sendable {}
