public import NIOCore

extension RESPValue {
    /// Whether there is nothing.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The integer, also of a string that is one, as RESP2 writes many.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        case .simple, .bulk, .bigNumber: string.flatMap { Int64($0) }
        default: nil
        }
    }

    /// The text of a string, whose faulty UTF-8 is repaired.
    public var string: String? {
        switch self {
        case .simple(let text), .bigNumber(let text): text
        case .bulk(let bytes): String(buffer: bytes)
        case .verbatim(let verbatim): String(buffer: verbatim.text)
        default: nil
        }
    }

    /// The bytes of a string.
    public var bytes: ByteBuffer? {
        switch self {
        case .bulk(let bytes): bytes
        case .verbatim(let verbatim): verbatim.text
        case .simple(let text), .bigNumber(let text): ByteBuffer(string: text)
        default: nil
        }
    }

    /// The elements of an array, set or push.
    public var array: [RESPValue]? {
        switch self {
        case .array(let values), .set(let values), .push(let values): values
        default: nil
        }
    }

    /// The pairs of a map, or of an array in which keys and values alternate, as in RESP2.
    public var entries: [RESPMapEntry]? {
        switch self {
        case .map(let entries): entries
        case .array(let values) where values.count.isMultiple(of: 2):
            stride(from: 0, to: values.count, by: 2)
                .map { RESPMapEntry(values[$0], values[$0 + 1]) }
        default: nil
        }
    }

    /// The error, if this is one.
    public var error: RESPErrorReply? {
        if case .error(let error) = self { error } else { nil }
    }

    /// The value of a key in ``entries``.
    ///
    /// - Parameter name: The key, as text.
    /// - Returns: The first value under this key, or nil where there is none.
    public func member(_ name: String) -> RESPValue? {
        entries?.first { $0.key.string == name }?.value
    }
}
