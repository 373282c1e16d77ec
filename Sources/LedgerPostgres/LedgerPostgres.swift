// The protocol documents what it demands.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

package import LedgerSQL
public import QuotaLedger

/// The ledger of a fleet: PostgreSQL, shared by its nodes.
///
/// Each node has one connection that writes and a few that read. Who gets which unit is decided by
/// the same code as in the embedded ledger, one transaction after the other.
public final class LedgerPostgres: Ledger {
    private let writer: PostgresWriter
    private let readers: ReaderPool
    private let listener: PostgresListener

    /// Connects to a database, and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - options: the database, and how it is used.
    ///   - id: tells this ledger from others on the same database; nobody has had it before.
    /// - Throws: `unreachable` or `newer_schema`.
    public init(_ options: PostgresOptions, id: String) async throws(LedgerError) {
        writer = PostgresWriter(options, id: id)
        readers = ReaderPool(options)
        listener = PostgresListener(options, id: id)
        try await writer.start()
    }

    public func commit(_ commands: [LedgerCommand]) async throws(LedgerError) -> [LedgerAnswer] {
        try await writer.commit(commands)
    }

    public func dropCaches() async throws(LedgerError) -> Int { await writer.forget() }

    /// Does what still waits, and closes the connections; a second close does nothing.
    public func close() async {
        guard writer.stop() else { return }
        await writer.close()
        await readers.close()
        await listener.close()
    }
}

extension LedgerPostgres: SharedLedger {
    public var isLeader: Bool { listener.isLeader }

    public func hear(
        _ listener: @Sendable (LedgerNews) async -> Void
    ) async throws(LedgerError) {
        while !Task.isCancelled {
            for news in try await self.listener.next() { await listener(news) }
        }
        await self.listener.close()
    }

    public func recall(_ accounts: [AccountKey]) async throws(LedgerError) {
        try await writer.recall(accounts)
    }
}

extension LedgerPostgres: SQLLedger {
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        try await readers.read(body)
    }
}
