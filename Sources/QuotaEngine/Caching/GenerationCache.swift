/// A bounded cache: what was not used for two generations is forgotten.
///
/// An entry that is read or written lies in the young generation. When that is half the bound, it
/// becomes the old one, and the old one is dropped. This keeps what is in use at the cost of one
/// more look-up, without a list.
@frozen
@usableFromInline
package struct GenerationCache<Key: Hashable, Value> {
    @usableFromInline var young: [Key: Value] = [:]
    @usableFromInline var old: [Key: Value] = [:]
    @usableFromInline let generationSize: Int
    /// How many entries were dropped to stay within the bound.
    @usableFromInline package internal(set) var evictions: Int64 = 0

    /// Creates a cache of at most `maximumCount` entries, at least 2.
    @inlinable
    package init(maximumCount: Int) {
        generationSize = max(1, maximumCount / 2)
    }

    /// How many entries there are.
    @inlinable
    package var count: Int { young.count + old.count }

    /// The value of a key.
    @inlinable
    package mutating func value(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, key)
        return value
    }

    /// Keeps a value.
    @inlinable
    package mutating func put(_ value: Value, _ key: Key) {
        if !old.isEmpty { old[key] = nil }
        insert(value, key)
    }

    @inlinable
    mutating func insert(_ value: Value, _ key: Key) {
        young[key] = value
        if young.count >= generationSize {
            evictions += Int64(old.count)
            old = young
            young = [:]
        }
    }

    /// Forgets a key.
    @inlinable
    package mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    /// Forgets everything.
    @inlinable
    package mutating func removeAll() {
        young = [:]
        old = [:]
    }
}

extension GenerationCache: Sendable where Key: Sendable, Value: Sendable {}
