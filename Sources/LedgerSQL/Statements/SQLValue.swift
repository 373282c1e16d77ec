/// A value of a parameter or a column; each knows its type, also where it is null.
package enum SQLValue: Hashable, Sendable {
    case integer(Int64?)
    case text(String?)
    case bytes([UInt8]?)
    /// A column's null, whose type nobody asked for.
    case null

    package static func of(_ value: Int64?) -> SQLValue { .integer(value) }
    package static func of(_ value: Int) -> SQLValue { .integer(Int64(value)) }
    package static func of(_ value: String?) -> SQLValue { .text(value) }
}
