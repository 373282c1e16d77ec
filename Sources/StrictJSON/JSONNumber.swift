/// A JSON number, kept as it was written.
///
/// Nothing is converted while a document is read, so a number of 400 digits costs its bytes and
/// no more. Two numbers are equal when their literals are: `1`, `1.0` and `1e0` differ.
public struct JSONNumber: Sendable, Hashable {
    /// Integers, nearly all the numbers there are, cost no string.
    private enum Storage: Sendable, Hashable {
        case integer(Int64)
        /// Invariant: follows the grammar of RFC 8259, and is no literal that `integer` writes.
        case literal(String)
    }

    private let storage: Storage

    /// An integer.
    public init(_ integer: Int64) {
        storage = .integer(integer)
    }

    /// A number from its literal, or nil when RFC 8259 does not allow it: `01`, `+1`, `.5`, `NaN`.
    public init?(literal: String) {
        guard let value = try? JSONValue(parsing: literal.utf8), let number = value.numberValue,
            // The parser would skip white space around it.
            number.literal.utf8.count == literal.utf8.count
        else { return nil }
        self = number
    }

    init(checkedLiteral: String) {
        storage = .literal(checkedLiteral)
    }

    /// The integer, when the literal is a plain one (`-?(0|[1-9][0-9]*)`) within `Int64`.
    ///
    /// Nil for `1.0` and `1e3`, whatever their value.
    public var integer: Int64? {
        switch storage {
        case .integer(let value): value
        case .literal("-0"): 0
        case .literal: nil
        }
    }

    /// The nearest `Double`, or nil when there is no finite one.
    public var double: Double? {
        switch storage {
        case .integer(let value): Double(value)
        case .literal(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    /// The number as it was written.
    public var literal: String {
        switch storage {
        case .integer(let value): String(value)
        case .literal(let text): text
        }
    }
}

extension JSONNumber: JSONWritable {
    /// Writes the literal.
    public func write(to writer: inout JSONWriter) {
        switch storage {
        case .integer(let value): writer.value(value)
        case .literal(let text): writer.raw(text.utf8)
        }
    }
}
