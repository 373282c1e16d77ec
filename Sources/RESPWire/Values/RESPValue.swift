public import NIOCore

/// A value that a Redis server sends, in RESP2 or RESP3.
///
/// The bytes of ``bulk(_:)`` and ``verbatim(_:)`` are slices of what was read from the network:
/// whoever keeps a small one for long keeps up to 64 KiB around it alive, and had better copy it.
public enum RESPValue: Sendable, Hashable {
    /// Nothing: RESP3's null, and RESP2's bulk string or array of length -1.
    case null
    /// A signed 64-bit integer.
    case integer(Int64)
    /// A double, which may be infinite or not a number.
    case double(Double)
    /// True or false.
    case boolean(Bool)
    /// The decimal digits of an integer of any size, with its sign.
    case bigNumber(String)
    /// A short text without line ends, such as `OK`.
    case simple(String)
    /// Bytes.
    case bulk(ByteBuffer)
    /// A text and its format.
    case verbatim(RESPVerbatim)
    /// An error, within an array or map too.
    case error(RESPErrorReply)
    /// Values in an order.
    case array([RESPValue])
    /// Values without an order; whether one comes twice is not checked.
    case set([RESPValue])
    /// Pairs, in the order in which they came.
    case map([RESPMapEntry])
    /// What a server sends unasked; the first element is its kind.
    case push([RESPValue])
}
