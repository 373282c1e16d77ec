package import QuotaLedger

/// A ledger that keeps its rows in an SQL database: whatever that is, what is read is the same.
package protocol SQLLedger: Ledger {
    /// Runs a read on a snapshot that has every command answered so far.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value

    /// Reads a few rows that are found by their keys.
    func lookUp<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value
}

extension SQLLedger {
    package func lookUp<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        try await read(body)
    }
}
