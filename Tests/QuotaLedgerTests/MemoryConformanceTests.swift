import QuotaLedger
import QuotaTesting
import Testing

/// The in-memory ledger keeps every promise of `Ledger`.
@Suite("The in-memory ledger conforms")
struct MemoryConformanceTests {
    @Test(arguments: LedgerConformance.checks)
    func keeps(_ check: LedgerCheck) async throws {
        let clock = ManualClock()
        try await check.run(LedgerHarness(clock: clock, ledger: MemoryLedger(clock: clock.read)))
    }
}
