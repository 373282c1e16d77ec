import LedgerSQL
import PostgresWire

/// A statement that waits to be sent: with the values of one row, or of many as arrays.
struct GatheredStatement {
    private let text: PostgresText
    private(set) var rowCount = 1
    private var parameters = PostgresParameters()
    private var arrays: [PostgresArray] = []

    init(_ text: PostgresText, _ bindings: SQLBindings) {
        self.text = text
        if text.batched == nil {
            parameters = PostgresParameters(bindings)
        } else {
            arrays = text.types.map { PostgresArray(of: $0) }
            append(bindings)
        }
    }

    /// Whether it can take another row of a statement.
    func takes(_ other: PostgresText) -> Bool {
        text.batched != nil && text.single == other.single
    }

    /// Adds a row.
    mutating func add(_ bindings: SQLBindings) {
        append(bindings)
        rowCount += 1
    }

    private mutating func append(_ bindings: SQLBindings) {
        for (index, slot) in bindings.slots.enumerated() {
            switch slot {
            case .integer(let value): arrays[index].append(value)
            case .text(let range), .bytes(let range):
                arrays[index].append(range.map { bindings.space[$0] })
            }
        }
    }

    /// What is sent.
    var statement: PostgresStatement {
        guard let batched = text.batched else {
            return PostgresStatement(text.single, types: text.types, parameters)
        }
        var all = PostgresParameters()
        for array in arrays { all.add(array) }
        return PostgresStatement(batched, arraysOf: text.types, all)
    }
}
