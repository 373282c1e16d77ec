/// A row that a query answered, its columns found by their names.
package struct SQLRow: Sendable {
    package let columns: SQLColumns
    package let values: [SQLValue]

    /// A row with a value for each column.
    package init(columns: SQLColumns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// Whether the query has such a column.
    package func hasColumn(_ name: StaticString) -> Bool { columns.index(of: name) != nil }

    package subscript(_ column: StaticString) -> Int64? {
        guard case .integer(let value) = self[value: column] else { return nil }
        return value
    }

    package subscript(_ column: StaticString) -> Int64 { required(column, self[column], 0) }

    package subscript(_ column: StaticString) -> Int? {
        (self[column] as Int64?).map { Int(truncatingIfNeeded: $0) }
    }

    package subscript(_ column: StaticString) -> Int { required(column, self[column], 0) }

    package subscript(_ column: StaticString) -> Bool {
        required(column, self[column] as Int64?, 0) != 0
    }

    package subscript(_ column: StaticString) -> String? {
        guard case .text(let value) = self[value: column] else { return nil }
        return value
    }

    package subscript(_ column: StaticString) -> String { required(column, self[column], "") }

    package subscript(_ column: StaticString) -> [UInt8]? {
        guard case .bytes(let value) = self[value: column] else { return nil }
        return value
    }

    package subscript(_ column: StaticString) -> [UInt8] { required(column, self[column], []) }

    private subscript(value column: StaticString) -> SQLValue? {
        guard let index = columns.index(of: column) else {
            assertionFailure("no column \(column)")
            return nil
        }
        return values[index]
    }

    /// What the schema says is never null.
    private func required<Value>(_ column: StaticString, _ value: Value?, _ other: Value) -> Value {
        assert(value != nil, "column \(column) is null, or of another type")
        return value ?? other
    }
}

/// The names of a query's columns, in order; shared by its rows.
package final class SQLColumns: Sendable {
    private let names: [[UInt8]]

    package init(_ names: [String]) {
        self.names = names.map { Array($0.utf8) }
    }

    /// How many columns there are.
    package var count: Int { names.count }

    /// The place of a column; a few names are compared faster than one is hashed.
    func index(of name: StaticString) -> Int? {
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return names.firstIndex { $0.count == wanted.count && $0.elementsEqual(wanted) }
    }
}
