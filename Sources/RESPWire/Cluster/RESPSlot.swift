/// A hash slot of a Redis cluster: the part of the keys that moves between nodes as one.
public struct RESPSlot: RawRepresentable, Sendable, Hashable, Comparable {
    /// How many there are.
    public static let count = 16_384

    /// The slot's number, from 0 to 16,383.
    public let rawValue: UInt16

    /// Creates a slot; nil where there is none of this number.
    public init?(rawValue: UInt16) {
        guard rawValue < Self.count else { return nil }
        self.rawValue = rawValue
    }

    private init(hash: UInt16) {
        rawValue = hash & UInt16(Self.count - 1)
    }

    /// The slot of a key: CRC16 of the key or of its hash tag, as the cluster's specification says.
    ///
    /// The tag is what stands between the first `{` and the first `}` behind it, unless that is
    /// nothing.
    public static func of(_ key: String) -> RESPSlot {
        var key = key
        return key.withUTF8 { of($0) }
    }

    /// The slot of a key that is bytes, by the same rule.
    public static func of(_ key: some Collection<UInt8>) -> RESPSlot {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else {
            return RESPSlot(hash: CRC16.of(key))
        }
        let behind = key[key.index(after: open)...]
        guard let close = behind.firstIndex(of: UInt8(ascii: "}")), close > behind.startIndex
        else { return RESPSlot(hash: CRC16.of(key)) }
        return RESPSlot(hash: CRC16.of(behind[..<close]))
    }

    /// Whether one number is less than another.
    public static func < (one: RESPSlot, other: RESPSlot) -> Bool {
        one.rawValue < other.rawValue
    }
}
