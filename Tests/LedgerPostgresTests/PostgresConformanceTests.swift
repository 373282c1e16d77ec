import LedgerPostgres
import QuotaLedger
import QuotaTesting
import Testing

/// The ledger of a fleet keeps every promise of `Ledger`.
@Suite("The ledger in PostgreSQL conforms", .needsPostgres)
struct PostgresConformanceTests {
    @Test(arguments: LedgerConformance.checks)
    func keeps(_ check: LedgerCheck) async throws {
        let store = try await PostgresStore()
        try await check.run(store.harness)
        await store.ledger.close()
    }
}
