/// A key of a RESP3 map and its value.
public struct RESPMapEntry: Sendable, Hashable {
    /// The key, of any type.
    public let key: RESPValue
    /// The value, of any type.
    public let value: RESPValue

    /// Creates an entry.
    public init(_ key: RESPValue, _ value: RESPValue) {
        self.key = key
        self.value = value
    }
}
