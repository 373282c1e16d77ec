import LedgerSQL
import PostgresWire
import QuotaLedger

/// A connection that only reads.
actor PostgresReader {
    private let executor: ConnectionExecutor
    private let options: PostgresOptions
    private var session: PostgresSession?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ options: PostgresOptions, number: Int) {
        self.options = options
        executor = ConnectionExecutor(label: "weir.ledger.reader-\(number)")
    }

    /// Reads one moment; once more on a new connection when the old one turns out to be dead.
    func read<Value: Sendable>(
        _ body: @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        let wasOpen = session != nil
        do throws(LedgerError) { return try attempt(body) } catch {
            guard error.code == .unreachable, wasOpen, session == nil else { throw error }
        }
        return try attempt(body)
    }

    private func attempt<Value: Sendable>(
        _ body: @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        let session = try opened()
        defer { if session.isDead { self.session = nil } }
        session.begin()
        do throws(LedgerError) {
            let value = try body(session)
            _ = try session.send([PostgresStatement("COMMIT")])
            return value
        } catch {
            session.dropGathered()
            if !session.isDead { _ = try? session.send([PostgresStatement("ROLLBACK")]) }
            throw error
        }
    }

    private func opened() throws(LedgerError) -> PostgresSession {
        if let session { return session }
        let made = try PostgresSession(options)
        session = made
        return made
    }

    func close() {
        session?.finalize()
        session = nil
    }
}

extension PostgresSession {
    /// Begins to read one moment, with the first query.
    fileprivate func begin() {
        gather(PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    }
}
