import GRDB
import GRDBSQLite
import LedgerSQL
import QuotaLedger

/// A prepared statement, used again and again.
final class SQLiteStatement {
    let text: String
    let columns: SQLColumns
    /// What frees the statement.
    private let owner: Statement
    private let statement: OpaquePointer
    private let connection: OpaquePointer?
    /// Whether its rows are being visited.
    private(set) var isBusy = false

    /// Tells SQLite to copy the bytes, which may move once the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// A statement of a connection, with its columns where they are known.
    init(
        _ text: String,
        _ database: Database,
        isCached: Bool,
        columns: SQLColumns? = nil
    ) throws(LedgerError) {
        self.text = text
        do {
            owner =
                try isCached
                ? database.cachedStatement(sql: text) : database.makeStatement(sql: text)
        } catch {
            throw LedgerError(error)
        }
        statement = owner.sqliteStatement
        connection = database.sqliteConnection
        self.columns = columns ?? SQLColumns(owner.columnNames)
    }

    /// Runs it for its effect.
    func run(_ bindings: SQLBindings) throws(LedgerError) {
        defer { reset() }
        let code = bindings.space.withUnsafeBytes { space in
            var code = SQLITE_OK
            for (index, slot) in bindings.slots.enumerated() where code == SQLITE_OK {
                code = bind(slot, at: CInt(index + 1), in: space)
            }
            guard code == SQLITE_OK else { return code }
            // The space stays where it is until the statement is reset.
            repeat { code = sqlite3_step(statement) } while code == SQLITE_ROW
            // What is bound must not be looked at once the space is gone.
            sqlite3_clear_bindings(statement)
            return code
        }
        guard code == SQLITE_DONE else { throw LedgerError(Self.error(connection, text)) }
    }

    private func bind(
        _ slot: SQLBindings.Slot,
        at place: CInt,
        in space: UnsafeRawBufferPointer
    ) -> CInt {
        switch slot {
        case .integer(let value?): sqlite3_bind_int64(statement, place, value)
        case .text(let range?):
            sqlite3_bind_text(
                statement, place, start(range, space)?.assumingMemoryBound(to: CChar.self),
                CInt(range.count), nil)
        case .bytes(let range?):
            sqlite3_bind_blob(statement, place, start(range, space), CInt(range.count), nil)
        case .integer(nil), .text(nil), .bytes(nil): sqlite3_bind_null(statement, place)
        }
    }

    /// Where a range begins; an empty text is not null, and its address must not be.
    private func start(
        _ range: Range<Int>,
        _ space: UnsafeRawBufferPointer
    ) -> UnsafeRawPointer? {
        guard let base = space.baseAddress else { return UnsafeRawPointer(statement) }
        return base + range.lowerBound
    }

    /// Visits its rows until a visit answers false.
    func each(
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        isBusy = true
        defer {
            reset()
            isBusy = false
        }
        for (index, value) in values.enumerated() {
            guard bind(value, at: CInt(index + 1)) == SQLITE_OK else {
                throw LedgerError(Self.error(connection, text))
            }
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if try !visit(row) { return }
            case SQLITE_DONE: return
            default: throw LedgerError(Self.error(connection, text))
            }
        }
    }

    private func bind(_ value: SQLValue, at place: CInt) -> CInt {
        switch value {
        case .integer(let value?): sqlite3_bind_int64(statement, place, value)
        case .text(let value?):
            sqlite3_bind_text(statement, place, value, CInt(value.utf8.count), Self.transient)
        case .bytes(let value?):
            value.withUnsafeBytes {
                sqlite3_bind_blob(
                    statement, place, $0.baseAddress ?? UnsafeRawPointer(statement),
                    CInt($0.count), Self.transient)
            }
        case .integer(nil), .text(nil), .bytes(nil), .null: sqlite3_bind_null(statement, place)
        }
    }

    private var row: SQLRow {
        SQLRow(
            columns: columns,
            values: (0..<CInt(columns.count))
                .map { column in
                    switch sqlite3_column_type(statement, column) {
                    case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
                    case SQLITE_TEXT: .text(text(column))
                    case SQLITE_BLOB: .bytes(bytes(column))
                    default: .null
                    }
                })
    }

    private func text(_ column: CInt) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func bytes(_ column: CInt) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    private func reset() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    private static func error(_ connection: OpaquePointer?, _ text: String) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: String(cString: sqlite3_errmsg(connection)), sql: text)
    }
}
