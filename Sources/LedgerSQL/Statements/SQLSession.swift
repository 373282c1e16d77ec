package import QuotaLedger

/// One connection to a ledger's database, for the code that runs on its queue.
///
/// All statements are written once, in what SQLite and PostgreSQL have in common, with `?` for each
/// parameter. What they do not have in common is a property here.
package protocol SQLSession: AnyObject {
    /// What is said differently.
    var dialect: SQLDialect { get }

    /// Runs a statement that answers no rows; `bind` is called once for all its values, in order.
    ///
    /// A session may gather statements and run them later, before the next query or the commit.
    func run(
        _ text: StaticString,
        _ bind: (inout SQLBindings) -> Void
    ) throws(LedgerError)

    /// Runs what writes in one transaction, durable when this returns; nothing is written when the
    /// body throws.
    func transaction(_ body: () throws(LedgerError) -> Void) throws(LedgerError)

    /// Has the rows of a query visited, until one answers false.
    func each(
        _ text: StaticString,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError)

    /// The same for a query that was put together.
    func each(
        composed text: String,
        _ values: [SQLValue],
        _ visit: (SQLRow) throws(LedgerError) -> Bool
    ) throws(LedgerError)

    /// Frees the statements, which must not outlive the connection.
    func finalize()
}

extension SQLSession {
    /// The rows of a query.
    package func all(_ text: StaticString, _ values: [SQLValue] = []) throws(LedgerError)
        -> [SQLRow]
    {
        var rows: [SQLRow] = []
        try each(text, values) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// The rows of a query that was put together.
    package func all(composed text: String, _ values: [SQLValue]) throws(LedgerError) -> [SQLRow] {
        var rows: [SQLRow] = []
        try each(composed: text, values) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// The first row of a query.
    package func first(_ text: StaticString, _ values: [SQLValue] = []) throws(LedgerError)
        -> SQLRow?
    {
        var found: SQLRow?
        try each(text, values) { row in
            found = row
            return false
        }
        return found
    }
}

/// What databases say differently.
package struct SQLDialect: Sendable {
    /// The date, `YYYY-MM-DD`, of a column `hour_ns`.
    let dateOfHour: String
    /// A text of one tabulator.
    let tabulator: String
    /// The size of the database in bytes, as column `size`.
    let size: StaticString

    package static let sqlite = SQLDialect(
        dateOfHour: "date(hour_ns / 1000000000, 'unixepoch')",
        tabulator: "char(9)",
        size: "SELECT page_count * page_size AS size FROM pragma_page_count, pragma_page_size")

    package static let postgres = SQLDialect(
        dateOfHour:
            "to_char(to_timestamp(hour_ns / 1000000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        tabulator: "chr(9)",
        size: "SELECT pg_database_size(current_database()) AS size")
}
