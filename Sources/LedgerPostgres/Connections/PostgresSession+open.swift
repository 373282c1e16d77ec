import LedgerSQL
import PostgresWire
import QuotaLedger

extension PostgresSession {
    /// Connects to a database.
    convenience init(_ options: PostgresOptions) throws(LedgerError) {
        do throws(PostgresError) {
            let connection = try PostgresConnection(
                options.address, application: options.application,
                connectTimeout: options.connectTimeout,
                // The server's own timeout is told, and comes first.
                timeout: options.timeout + .seconds(1))
            _ = try connection.run(options.session)
            self.init(connection)
        } catch {
            throw LedgerError(error)
        }
    }

    /// Whether it can't be used any more.
    var isDead: Bool { connection.isDead }
}
