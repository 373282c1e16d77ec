import LedgerSQL
import PostgresWire

extension SQLValue {
    var type: PostgresType {
        switch self {
        case .integer: .integer
        case .text, .null: .text
        case .bytes: .bytes
        }
    }
}

extension SQLBindings.Slot {
    var type: PostgresType {
        switch self {
        case .integer: .integer
        case .text: .text
        case .bytes: .bytes
        }
    }
}

extension PostgresParameters {
    init(_ values: [SQLValue]) {
        self.init()
        for value in values {
            switch value {
            case .integer(let value): add(value)
            case .text(let value): add(value?.utf8)
            case .bytes(let value): add(value)
            case .null: add(nil as Int64?)
            }
        }
    }

    init(_ bindings: SQLBindings) {
        self.init()
        for slot in bindings.slots {
            switch slot {
            case .integer(let value): add(value)
            case .text(let range), .bytes(let range): add(range.map { bindings.space[$0] })
            }
        }
    }
}

extension PostgresResult {
    /// A value of a row; what is neither a text nor bytes is an integer in this schema.
    func value(_ row: Int, _ column: Int) -> SQLValue {
        if isNull(row, column) { return .null }
        switch PostgresType(rawValue: type(column)) {
        case .text: return .text(text(row, column))
        case .bytes: return .bytes(Array(bytes(row, column)))
        case .integer, nil: return .integer(integer(row, column))
        }
    }
}
