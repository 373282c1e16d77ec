import GRDBSQLite
import QuotaLedger
import QuotaModel

/// The rows of a query, one after the other.
final class RowCursor {
    /// A parameter of a query.
    enum Value {
        case integer(Int64)
        case text(String)
    }

    private let database: ReadOnlyDatabase
    private let statement: OpaquePointer

    init(
        _ text: String,
        _ values: [Value],
        _ database: ReadOnlyDatabase
    ) throws(LedgerError) {
        self.database = database
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(database.connection, text, -1, &prepared, nil) == SQLITE_OK,
            let prepared
        else { throw database.error() }
        statement = prepared
        for (index, value) in values.enumerated() {
            let place = CInt(index + 1)
            let code =
                switch value {
                case .integer(let integer): sqlite3_bind_int64(statement, place, integer)
                case .text(let text):
                    sqlite3_bind_text(
                        statement, place, text, CInt(text.utf8.count),
                        unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                }
            guard code == SQLITE_OK else { throw database.error() }
        }
    }

    deinit {
        sqlite3_finalize(statement)
    }

    /// Goes to the next row, if there is one.
    func next() throws(LedgerError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw database.error()
        }
    }

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(statement, column) }

    func optionalInteger(_ column: CInt) -> Int64? { isNull(column) ? nil : integer(column) }

    func text(_ column: CInt) -> String {
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: CInt) -> String? { isNull(column) ? nil : text(column) }

    func bytes(_ column: CInt) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func optionalBytes(_ column: CInt) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    func instant(_ column: CInt) -> Timestamp { Timestamp(nanoseconds: integer(column)) }

    private func isNull(_ column: CInt) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }
}

extension RowCursor {
    /// An account's id in three columns: tenant, limit and start of the period.
    func account(_ column: CInt) -> AccountID {
        AccountID(
            key: AccountKey(tenant: TenantID(trusted: text(column)), limit: text(column + 1)),
            periodStart: instant(column + 2))
    }

    /// Balances, or changes of them, in eight columns: an account's id and the five balances.
    func balances(_ column: CInt) -> Entry {
        Entry(
            account: account(column), capacity: integer(column + 3),
            available: integer(column + 4), escrowed: integer(column + 5),
            suspect: integer(column + 6), posted: integer(column + 7))
    }
}
