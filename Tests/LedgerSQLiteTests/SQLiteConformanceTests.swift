import LedgerSQLite
import QuotaLedger
import QuotaTesting
import Testing

/// The embedded ledger keeps every promise of `Ledger`, and verifies after each.
@Suite("The embedded ledger conforms")
struct SQLiteConformanceTests {
    @Test(arguments: LedgerConformance.checks)
    func keeps(_ check: LedgerCheck) async throws {
        let store = try SQLiteStore()
        try await check.run(store.harness)
        let open = try store.verification()
        #expect(open.checks.compactMap(\.first) == [])
        try await store.ledger.close()
        #expect(try store.verification() == open)
    }
}
