import Foundation
import GRDB
import GRDBSQLite

/// The writer's statements, prepared once each.
///
/// Reads go through GRDB. Writes bind their values straight to SQLite's statement: they are most of
/// a transaction, and boxing each value cost more than SQLite's own work. Bound values never become
/// part of the text.
final class SQL {
    private let database: Database
    private var queries: [StaticStringKey: Statement] = [:]
    private var writes: [StaticStringKey: OpaquePointer] = [:]
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 8)

    init(_ database: Database) {
        self.database = database
    }

    deinit {
        scratch.deallocate()
    }

    /// Runs a statement that answers no rows; `bind` is called once for all its values, in order.
    func run(_ text: StaticString, _ bind: (inout Bindings) -> Void) throws {
        let statement = try write(text)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        var bindings = Bindings(statement, scratch: scratch)
        bind(&bindings)
        var code = bindings.code
        if code == SQLITE_OK {
            repeat { code = sqlite3_step(statement) } while code == SQLITE_ROW
        }
        guard code == SQLITE_DONE else { throw lastError(text) }
    }

    private func write(_ text: StaticString) throws -> OpaquePointer {
        let key = StaticStringKey(text)
        if let statement = writes[key] { return statement }
        var statement: OpaquePointer?
        let code = text.utf8Start.withMemoryRebound(
            to: CChar.self, capacity: text.utf8CodeUnitCount
        ) {
            sqlite3_prepare_v3(
                database.sqliteConnection, $0, CInt(text.utf8CodeUnitCount),
                UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        }
        guard code == SQLITE_OK, let statement else { throw lastError(text) }
        writes[key] = statement
        return statement
    }

    private func lastError(_ text: StaticString) -> DatabaseError {
        let connection = database.sqliteConnection
        return DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: String(cString: sqlite3_errmsg(connection)),
            sql: text.description)
    }

    /// What the first row of a query says; `read` must not keep the row.
    func first<Value>(
        _ text: StaticString,
        _ values: [DatabaseValue],
        _ read: (Row) -> Value
    ) throws -> Value? {
        try cursor(text, values).first(read)
    }

    /// What the rows of a query say; `read` must not keep them.
    func all<Value>(
        _ text: StaticString,
        _ values: [DatabaseValue],
        _ read: (Row) -> Value
    ) throws -> [Value] {
        let rows = try cursor(text, values)
        var found: [Value] = []
        while let row = try rows.next() { found.append(read(row)) }
        return found
    }

    // Copies of rows would look for each column by its name once more.
    private func cursor(_ text: StaticString, _ values: [DatabaseValue]) throws -> GRDB.RowCursor {
        let statement = try query(text)
        statement.setUncheckedArguments(StatementArguments(values))
        return try Row.fetchCursor(statement)
    }

    private func query(_ text: StaticString) throws -> Statement {
        let key = StaticStringKey(text)
        if let statement = queries[key] { return statement }
        let statement = try database.makeStatement(sql: text.description)
        queries[key] = statement
        return statement
    }

    /// Frees the statements, which must not outlive the connection.
    func finalize() {
        queries = [:]
        for statement in writes.values { sqlite3_finalize(statement) }
        writes = [:]
    }
}

extension GRDB.RowCursor {
    /// What the first row says; `read` must not keep the row.
    func first<Value>(_ read: (Row) -> Value) throws -> Value? {
        // A cursor that is gone takes its row with it.
        try withExtendedLifetime(self) { try next().map(read) }
    }
}

/// Tells the texts of statements apart by where they lie in the program, which is faster than by
/// what they say.
private struct StaticStringKey: Hashable {
    private let address: Int

    init(_ text: StaticString) {
        address = Int(bitPattern: text.utf8Start)
    }
}

extension DatabaseValue {
    static func of(_ value: Int64) -> DatabaseValue { value.databaseValue }
    static func of(_ value: String) -> DatabaseValue { value.databaseValue }
}
