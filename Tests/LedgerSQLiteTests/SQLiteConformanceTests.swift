import LedgerSQLite
import QuotaTesting
import Testing

/// The embedded ledger keeps every promise of `Ledger`.
@Suite("The embedded ledger conforms")
struct SQLiteConformanceTests {
    @Test(arguments: LedgerConformance.checks)
    func keeps(_ check: LedgerCheck) async throws {
        let store = try SQLiteStore()
        try await check.run(store.harness)
        try await store.ledger.close()
    }
}
