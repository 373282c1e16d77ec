public import QuotaLedger
package import PostgresWire

/// What is set of a ledger in PostgreSQL.
public struct PostgresOptions: Sendable {
    /// The database.
    package let address: PostgresAddress
    /// What the server shows connections as, in `pg_stat_activity`.
    public var application = "weir"
    /// How many connections read.
    public var readerCount = 4
    /// How long connecting may take.
    public var connectTimeout = Duration.seconds(2)
    /// How long a statement may take, waiting for another node included.
    ///
    /// The server itself ends what takes as long, so that a node that has stopped in the middle of
    /// a transaction holds nobody up for longer.
    public var timeout = Duration.seconds(5)
    /// How long a transaction may be open while its node says nothing: the others wait for it.
    public var idleTimeout = Duration.seconds(1)

    /// Where the time of transactions comes from.
    package var clock = LedgerClock.database

    /// The options for a database.
    ///
    /// - Parameter url: `postgres://user:password@host:5432/database?sslmode=verify-full`.
    /// - Throws: ``LedgerError`` with code `unusable_folder` when it can't be read.
    public init(url: String) throws(LedgerError) {
        do throws(PostgresError) { address = try PostgresAddress(url) } catch {
            throw LedgerError(error)
        }
    }

    /// The settings of each connection.
    var session: [PostgresStatement] {
        func milliseconds(_ duration: Duration) -> Int64 {
            let (seconds, attoseconds) = duration.components
            return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        }
        // A number of the program, not of anybody else.
        return [
            "SET statement_timeout = \(milliseconds(timeout))",
            "SET lock_timeout = \(milliseconds(timeout))",
            "SET idle_in_transaction_session_timeout = \(milliseconds(idleTimeout))",
            "SET synchronous_commit = on",
        ]
        .map { PostgresStatement($0) }
    }
}
