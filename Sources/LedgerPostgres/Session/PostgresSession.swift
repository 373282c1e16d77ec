import LedgerSQL
import PostgresWire
import QuotaLedger

/// A connection as the code of `LedgerSQL` uses it.
///
/// Statements that write are gathered, those of the same text as one with an array for each
/// parameter, and sent with the next query, or at the end: however much a transaction writes, it
/// waits for the server once.
final class PostgresSession: SQLSession {
    /// The most rows of one statement.
    private static let maximumRows = 2_000

    let connection: PostgresConnection
    private var fixed: [Int: PostgresText] = [:]
    private var composed: [String: PostgresText] = [:]
    private var columns: [String: SQLColumns] = [:]
    private var bindings = SQLBindings()
    private var gathered: [GatheredStatement] = []
    /// What begins a transaction, and is sent before everything else.
    private var beginning: [PostgresStatement] = []
    /// How often the server was waited for.
    private(set) var roundTrips = 0

    var dialect: SQLDialect { .postgres }

    init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    // MARK: Writing

    func run(
        _ text: StaticString,
        _ bind: (inout SQLBindings) -> Void
    ) throws(LedgerError) {
        bindings.removeAll()
        bind(&bindings)
        let key = Int(bitPattern: text.utf8Start)
        let translated: PostgresText
        if let known = fixed[key] {
            translated = known
        } else {
            translated = PostgresText(text.description, types: bindings.slots.map(\.type))
            fixed[key] = translated
        }
        gather(translated)
    }

    /// Adds the row of ``bindings``.
    private func gather(_ text: PostgresText) {
        if let last = gathered.last, last.takes(text), last.rowCount < Self.maximumRows {
            gathered[gathered.count - 1].add(bindings)
        } else {
            gathered.append(GatheredStatement(text, bindings))
        }
    }

    /// Has a transaction begun by what is sent next.
    func gather(_ beginning: PostgresStatement) { self.beginning.append(beginning) }

    /// What waits to be sent, in order.
    func takeGathered() -> [PostgresStatement] {
        defer { dropGathered() }
        return beginning + gathered.map(\.statement)
    }

    /// Forgets what waits to be sent.
    func dropGathered() {
        beginning.removeAll(keepingCapacity: true)
        gathered.removeAll(keepingCapacity: true)
    }

    func transaction(_ body: () throws(LedgerError) -> Void) throws(LedgerError) {
        _ = try send([PostgresStatement("BEGIN")])
        do throws(LedgerError) { try body() } catch {
            dropGathered()
            _ = try? connection.run([PostgresStatement("ROLLBACK")])
            throw error
        }
        _ = try send([PostgresStatement("COMMIT")])
    }

    // MARK: Reading

    func each(
        _ text: StaticString,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        let key = Int(bitPattern: text.utf8Start)
        if let known = fixed[key] { return try each(known, values, visit) }
        let translated = PostgresText(text.description, types: values.map(\.type))
        fixed[key] = translated
        try each(translated, values, visit)
    }

    func each(
        composed text: String,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        if let known = composed[text] { return try each(known, values, visit) }
        let translated = PostgresText(text, types: values.map(\.type))
        composed[text] = translated
        try each(translated, values, visit)
    }

    private func each(
        _ text: PostgresText,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        let statement = PostgresStatement(
            text.single, types: text.types, PostgresParameters(values))
        guard let result = try send([statement]).last else { return }
        try rows(of: result, as: text.single, visit)
    }

    /// Visits the rows of a result.
    func rows(
        of result: PostgresResult,
        as text: String,
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        let count = result.rowCount
        if count == 0 { return }
        let columns = columns(of: result, as: text)
        for row in 0..<count {
            let values = (0..<columns.count).map { result.value(row, $0) }
            if try !visit(SQLRow(columns: columns, values: values)) { return }
        }
    }

    private func columns(of result: PostgresResult, as text: String) -> SQLColumns {
        if let known = columns[text] { return known }
        let made = SQLColumns(result.columnNames)
        columns[text] = made
        return made
    }

    /// Sends what was gathered, and then more; answers the results of what was sent then.
    func send(_ statements: [PostgresStatement]) throws(LedgerError) -> [PostgresResult] {
        let before = takeGathered()
        roundTrips += 1
        do throws(PostgresError) {
            return Array(try connection.run(before + statements).suffix(statements.count))
        } catch {
            throw LedgerError(error)
        }
    }

    /// Commits, with everything that was gathered.
    ///
    /// - Throws: `lost` when nobody knows whether it happened.
    func commit() throws(PostgresError) {
        roundTrips += 1
        _ = try connection.run(takeGathered() + [PostgresStatement("COMMIT")])
    }

    func finalize() {
        connection.close()
    }
}
