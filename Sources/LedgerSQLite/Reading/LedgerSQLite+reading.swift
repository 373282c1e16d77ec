import GRDB
package import LedgerSQL
package import QuotaLedger

// Reads on connections that only read.
extension LedgerSQLite: SQLLedger {
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        do {
            return try await pool.read { try body(SQLiteSession($0, isBrief: true)) }
        } catch {
            throw LedgerError(error)
        }
    }

    package func lookUp<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        // On the thread that asks, where that can be.
        if let found = lookUps.read({ try body(SQLiteSession($0, isBrief: true)) }) { return found }
        return try await read(body)
    }
}
