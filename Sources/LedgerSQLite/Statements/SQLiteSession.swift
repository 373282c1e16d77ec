import GRDB
import LedgerSQL
import QuotaLedger
import Synchronization

/// A connection's statements, prepared once each.
///
/// Values are bound straight to SQLite's statements and read straight from them: they are most of a
/// transaction, and boxing each cost more than SQLite's own work. Bound values never become part of
/// the text.
final class SQLiteSession: SQLSession {
    /// The most statements of a text that was put together, which are kept.
    private static let maximumComposed = 64

    /// The columns of queries, which are the same on all connections.
    private static let columns = Mutex<[StaticStringKey: SQLColumns]>([:])

    private let database: Database
    /// Whether the connection keeps the statements for the sessions after this one.
    private let isBrief: Bool
    private var fixed: [StaticStringKey: SQLiteStatement] = [:]
    private var composed: [String: SQLiteStatement] = [:]
    private var bindings = SQLBindings()

    var dialect: SQLDialect { .sqlite }

    /// A session on a connection; a brief one is of one read.
    init(_ database: Database, isBrief: Bool) {
        self.database = database
        self.isBrief = isBrief
    }

    func run(
        _ text: StaticString,
        _ bind: (inout SQLBindings) -> Void
    ) throws(LedgerError) {
        let statement = try statement(text)
        bindings.removeAll()
        bind(&bindings)
        try statement.run(bindings)
    }

    func each(
        _ text: StaticString,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        try each(try statement(text), values, visit)
    }

    func each(
        composed text: String,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        if let known = composed[text] { return try each(known, values, visit) }
        if composed.count >= Self.maximumComposed { composed = [:] }
        let statement = try SQLiteStatement(text, database, isCached: isBrief)
        composed[text] = statement
        try each(statement, values, visit)
    }

    private func each(
        _ statement: SQLiteStatement,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        // A visitor may ask the same query again.
        guard !statement.isBusy else {
            let other = try SQLiteStatement(
                statement.text, database, isCached: false, columns: statement.columns)
            return try other.each(values, visit)
        }
        try statement.each(values, visit)
    }

    private func statement(_ text: StaticString) throws(LedgerError) -> SQLiteStatement {
        let key = StaticStringKey(text)
        if let statement = fixed[key] { return statement }
        let columns = Self.columns.withLock { $0[key] }
        let statement = try SQLiteStatement(
            text.description, database, isCached: isBrief, columns: columns)
        if columns == nil { Self.columns.withLock { $0[key] = statement.columns } }
        fixed[key] = statement
        return statement
    }

    func transaction(_ body: () throws(LedgerError) -> Void) throws(LedgerError) {
        do {
            try database.inTransaction(.immediate) {
                try body()
                return .commit
            }
        } catch {
            throw LedgerError(error)
        }
    }

    func finalize() {
        fixed = [:]
        composed = [:]
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
