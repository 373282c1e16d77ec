/// A JSON document as RFC 8259 defines it: nothing added, nothing rounded.
///
/// Numbers keep their literal and objects keep the order of their members, so that a value can be
/// written back as it came. Equality is exact: strings and names compare byte by byte (no Unicode
/// folding), numbers by literal, members in order. To compare documents regardless of order,
/// compare their ``canonicalBytes``.
public enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, kept as it was written.
    case number(JSONNumber)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object; no name appears twice.
    case object(JSONObject)

    /// Whether two values are the same, byte by byte.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON.
    public var description: String {
        String(decoding: encodedBytes, as: UTF8.self)
    }
}
