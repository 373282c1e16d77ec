public import NIOCore

/// An argument of a command; each is sent as a bulk string.
public enum RESPArgument: Sendable, Hashable {
    /// A text, in UTF-8.
    case string(String)
    /// An integer, in decimal.
    case integer(Int64)
    /// Bytes.
    case bytes([UInt8])
    /// The readable bytes of a buffer.
    case buffer(ByteBuffer)
}

extension RESPArgument: ExpressibleByStringInterpolation {
    /// Creates a text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension RESPArgument: ExpressibleByIntegerLiteral {
    /// Creates an integer.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }
}
